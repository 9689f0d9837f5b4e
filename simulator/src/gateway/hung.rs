//! A badge that hangs on a gateway, by cable or radio; here the cable ends in a file.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use badgecast_domain::{
    display::{
        Slot,
        wang::{Profile, Program, content_hash, date_bytes},
    },
    id::BadgeId,
    layer::{Turn, next_change, playlist},
    time::Moment,
    wire::{Ack, Hello, Outcome, Show},
};

use crate::{
    badge::{Held, Memory, Stored},
    identity::Model,
};

/// Where the badge is, and what it was last written.
#[derive(Debug)]
pub(super) struct Hung {
    pub(super) id: BadgeId,
    file: PathBuf,
    model: Arc<Model>,
    memory: Memory,
    /// The hash of the program it has.
    written: Option<String>,
}

impl Hung {
    /// Its program goes to `folder/{id}.bin`.
    pub(super) fn new(id: BadgeId, folder: &Path, model: Arc<Model>) -> Self {
        let file = folder.join(format!("{id}.bin"));
        Self { id, file, model, memory: Memory::default(), written: None }
    }

    pub(super) fn hello(&self) -> Hello {
        Hello {
            model: Some(self.model.name.clone()),
            panel: Some(self.model.panel),
            firmware: Some(self.model.firmware.clone()),
            max_bytes: Some(self.model.max_bytes),
            holds: self.memory.holds(),
        }
    }

    /// Takes in what the server says; what there is to acknowledge.
    pub(super) fn obey(&mut self, show: Show, now: Option<Moment>) -> Option<Ack> {
        let layer = match show {
            Show::Layer(layer) => layer,
            Show::Withdrawn(withdrawn) => {
                self.memory.forget(withdrawn.id);
                return None;
            }
        };
        let (id, revision) = (layer.id, layer.revision);
        let stored = self.memory.store(layer, self.model.panel, self.model.max_bytes);
        let reason = if let Stored::Refused(reason) = stored { Some(reason.to_owned()) } else { None };
        let held = self.memory.get(id);
        let outcome = held.map_or(Outcome::Refused, |held| held.outcome);
        Some(Ack { id, revision, outcome, crc: held.map(|held| held.crc), reason, at: now })
    }

    /// Writes the program the playlist asks for, unless the badge has it: every upload wears its flash. What there
    /// is to acknowledge, and whether it was written.
    pub(super) fn write(&mut self, now: Option<Moment>) -> io::Result<(Vec<Ack>, bool)> {
        if let Some(now) = now {
            self.memory.forget_over(now);
        }
        let turns = playlist(&self.memory.standings(), now);
        if turns.is_empty() && self.written.is_none() {
            return Ok((Vec::new(), false));
        }
        let (upload, turns) = self.upload(turns, now);
        let hash = content_hash(&upload);
        let is_new = self.written.as_ref() != Some(&hash);
        if is_new {
            // Whoever reads the file meanwhile finds the old program or the new one, whole.
            let draft = self.file.with_extension("part");
            fs::write(&draft, &upload)?;
            fs::rename(&draft, &self.file)?;
            self.written = Some(hash);
        }
        let written: Vec<_> = {
            let layers: Vec<&Held> = self.memory.layers().collect();
            turns
                .iter()
                .map(|turn| layers[turn.layer])
                .map(|held| (held.layer.id, held.layer.revision, held.crc))
                .collect()
        };
        let acks = written.into_iter().filter_map(|(id, revision, crc)| {
            self.memory.settle(id, revision, Outcome::Written)?;
            Some(Ack { id, revision, outcome: Outcome::Written, crc: Some(crc), reason: None, at: now })
        });
        Ok((acks.collect(), is_new))
    }

    pub(super) fn wipe(&mut self) {
        self.memory.wipe();
    }

    /// The next moment at which another program may be due.
    pub(super) fn next_change(&self, now: Moment) -> Option<Moment> {
        next_change(&self.memory.standings(), now)
    }

    /// The bytes for the badge, and the turns that fit it: the last give way.
    fn upload(&self, mut turns: Vec<Turn>, now: Option<Moment>) -> (Vec<u8>, Vec<Turn>) {
        let layers: Vec<&Held> = self.memory.layers().collect();
        let profile = Profile { max_bytes: self.model.max_bytes, ..Profile::of_model(&self.model.name) };
        loop {
            let picture = |turn: &Turn| &layers[turn.layer].layer.messages[turn.message];
            let slots = turns.iter().filter_map(|turn| Slot::from_picture(picture(turn), self.model.panel));
            let brightness = turns.first().map_or(100, |turn| layers[turn.layer].layer.brightness);
            let date = date_bytes(now.unwrap_or_default());
            let program = Program { brightness, slots: slots.collect(), date };
            match program.encode(self.model.panel, &profile) {
                Ok(upload) => return (upload, turns),
                Err(_) if turns.pop().is_some() => {}
                // A badge smaller than a header takes nothing.
                Err(_) => return (Vec::new(), turns),
            }
        }
    }
}
