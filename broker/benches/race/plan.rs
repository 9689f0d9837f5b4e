//! What is to be raced.

use std::time::{Duration, Instant};

use crate::contender::Kind;

pub(crate) struct Plan {
    sizes: Vec<usize>,
    tls: Option<usize>,
    pub(crate) receipts: Option<usize>,
    with: Vec<Kind>,
    only: Vec<Kind>,
    pub(crate) rounds: usize,
    until: Instant,
    pub(crate) markdown: bool,
    /// Words to put before the command of badgecast.
    pub(crate) under: Vec<String>,
}

/// Those who race against each other, and with how many connections.
pub(crate) struct Field {
    pub(crate) size: usize,
    pub(crate) kinds: Vec<Kind>,
}

impl Plan {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Self {
        let mut minutes = 25;
        let mut plan = Self {
            sizes: Vec::new(),
            tls: None,
            receipts: None,
            with: Vec::new(),
            only: Vec::new(),
            rounds: 5,
            until: Instant::now(),
            markdown: false,
            under: Vec::new(),
        };
        while let Some(word) = words.next() {
            let mut next = || words.next().unwrap_or_else(|| panic!("{word} wants a word"));
            match word.as_str() {
                "--tls" => plan.tls = Some(number(&next())),
                "--receipts" => plan.receipts = Some(number(&next())),
                "--with" => plan.with.push(kind(&next())),
                "--only" => plan.only.push(kind(&next())),
                "--rounds" => plan.rounds = number(&next()),
                "--minutes" => minutes = number(&next()),
                "--markdown" => plan.markdown = true,
                "--under" => plan.under = next().split_whitespace().map(str::to_owned).collect(),
                size => plan.sizes.push(number(size)),
            }
        }
        if plan.sizes.is_empty() && plan.tls.is_none() && plan.receipts.is_none() {
            plan.sizes = vec![1_000, 10_000];
        }
        plan.until += Duration::from_secs(60 * minutes as u64);
        plan
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> {
        let plain = [Kind::Floor, Kind::Badgecast, Kind::Mosquitto, Kind::Rumqttd, Kind::Rmqttd];
        let tls = [Kind::BadgecastTls, Kind::MosquittoTls];
        let plain = self.sizes.iter().map(move |size| (*size, plain.to_vec()));
        let fields = plain.chain(self.tls.map(|size| (size, tls.to_vec())));
        fields.map(|(size, mut kinds)| {
            kinds.retain(|kind| self.wants(*kind));
            Field { size, kinds }
        })
    }

    fn wants(&self, kind: Kind) -> bool {
        if self.only.is_empty() {
            !kind.only_if_asked() || self.with.contains(&kind)
        } else {
            self.only.contains(&kind)
        }
    }

    /// Whether there is time for another round.
    pub(crate) fn goes_on(&self) -> bool {
        Instant::now() < self.until
    }
}

fn number(word: &str) -> usize {
    word.parse().unwrap_or_else(|_| panic!("{word} is no number"))
}

fn kind(word: &str) -> Kind {
    Kind::named(word).unwrap_or_else(|| panic!("nobody is called {word}"))
}
