//! The badges' side of the wall: an MQTT door, one session per connection, and the desk that knows them all.
//!
//! The house behind the wall is seen through [`Gate`] alone. It opens the door with [`Broker::open`] and speaks to
//! badges through the [`Desk`]. Nothing in here knows SQL, HTTP or the environment.

mod desk;
mod door;
#[cfg(test)]
mod fuzz;
pub mod gate;
mod outlet;
mod packet;
mod session;
mod settings;
mod tally;

pub use desk::{Desk, End, Target, Whom, shows::Shows};
pub use door::{
    Broker, Entrance,
    side::SideDoor,
    tls::{BadCertificate, Certificate},
    web::{BadUpgrade, Origins},
};
pub use gate::Gate;
pub use outlet::Elsewhere;
pub use settings::Settings;
pub use tally::Figures;
