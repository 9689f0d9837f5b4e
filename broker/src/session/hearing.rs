//! What the client said and the house has not stored yet.
//!
//! The house is asked in the order things were said and answers when it can; the acknowledgements go out in the same
//! order [MQTT-4.6.0-2]. While it thinks, everything else goes on.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    desk::Admission,
    gate::{Admitted, NotStored, Refusal},
    packet::{Code, reply::Ack},
};

/// The house's answer.
pub(super) enum Answer {
    Heard(Result<(), NotStored>),
    /// With what was under way meanwhile.
    Renewed(Result<Box<Admitted>, Refusal>, Admission),
}

type Thinking = Pin<Box<dyn Future<Output = Answer> + Send>>;

enum State {
    Thinking(Thinking),
    /// Nothing to ask; only its turn in the order counts.
    Decided(Code),
    Answered(Answer),
}

/// How a message is to be acknowledged; not at all at QoS 0.
pub(super) type Reply = Option<(Ack, u16)>;

/// What is settled: the house's answer, or a code decided without it.
pub(super) enum Settled {
    Answer(Answer),
    Code(Code),
}

/// The messages in the house's hands, oldest first.
#[derive(Default)]
pub(super) struct Hearing {
    open: VecDeque<(Reply, State)>,
}

impl Hearing {
    /// How many messages of QoS 1 and 2 wait for their acknowledgement.
    pub(super) fn unacknowledged(&self) -> usize {
        self.open.iter().filter(|(reply, _)| reply.is_some()).count()
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    pub(super) fn ask(&mut self, reply: Reply, house: impl Future<Output = Answer> + Send + 'static) {
        self.open.push_back((reply, State::Thinking(Box::pin(house))));
    }

    /// Acknowledges with this code when its turn comes.
    pub(super) fn decide(&mut self, reply: Reply, code: Code) {
        self.open.push_back((reply, State::Decided(code)));
    }

    /// Lets every open question go on, in order.
    pub(super) fn advance(&mut self, cx: &mut Context<'_>) {
        for (_, state) in &mut self.open {
            if let State::Thinking(house) = state
                && let Poll::Ready(answer) = house.as_mut().poll(cx)
            {
                *state = State::Answered(answer);
            }
        }
    }

    /// The oldest, if it is settled.
    pub(super) fn next(&mut self) -> Option<(Reply, Settled)> {
        let (_, State::Answered(_) | State::Decided(_)) = self.open.front()? else { return None };
        let (reply, state) = self.open.pop_front()?;
        if self.open.is_empty() {
            self.open = VecDeque::new();
        }
        match state {
            State::Answered(answer) => Some((reply, Settled::Answer(answer))),
            State::Decided(code) => Some((reply, Settled::Code(code))),
            State::Thinking(_) => None,
        }
    }
}
