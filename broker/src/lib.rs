//! The badges' side of the wall: an MQTT door, one session per connection, and the desk that knows them all.

pub mod gate;
