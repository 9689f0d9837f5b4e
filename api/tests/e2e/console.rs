//! The console: pages for people, behind one door, for each role what it may see.

mod announcing;
mod door;
mod fleet;
mod my_badge;
mod pages;
