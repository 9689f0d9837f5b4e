//! The tables on both engines: every story runs on SQLite and on PostgreSQL.

mod badges;
mod changes;
mod clashes;
mod connections;
mod displays;
mod groups;
mod ledger;
mod people;
mod receipts;
mod wall;
mod world;

use world::{World, on_both};
