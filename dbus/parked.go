package dbus

import (
	"davit/engine"

	godbus "github.com/godbus/dbus/v5"
)

// TokenBit marks the tokens that the server gives to events, so that they meet none of the engine's or the manager's.
const TokenBit engine.Token = 1 << 62

// answer says what a parked call is answered with when the engine agrees.
type answer uint8

const (
	answerNothing answer = iota
	answerJob            // o
	answerEnqueue        // uososa(uosos)
)

// parkedCall is a call whose answer is to come: plain data, so that it survives re-execution.
type parkedCall struct {
	Conn   uint64
	Serial uint32
	Silent bool
	Answer answer
}

// park parks the call until the engine's Reply to the returned token.
func (k *call) park(a answer) engine.Token {
	p := k.later()
	p.Answer = a
	k.s.tokens++
	t := TokenBit | k.s.tokens
	k.s.parked[t] = p
	return t
}

// post parks the call and queues the event that make builds for its token.
func (k *call) post(a answer, make func(engine.Token) engine.Event) error {
	k.s.backend.Post(make(k.park(a)))
	return errParked
}

// done returns a function that answers the call, with what write adds, or with an error. Only its first call counts.
func (k *call) done(sig string) func(err error, write func(*encoder)) {
	p, s := k.later(), k.s
	s.open[p] = true
	return func(err error, write func(*encoder)) {
		if s.open[p] {
			delete(s.open, p)
			s.answer(p, sig, err, write)
		}
	}
}

// answer answers a parked call, when its client is still there, and lets the client's next call go on.
func (s *Server) answer(p parkedCall, sig string, err error, write func(*encoder)) {
	c := s.byID[p.Conn]
	if c == nil {
		return
	}
	c.parked--
	s.touch(c)
	switch {
	case err != nil:
		s.fail(c, p.Serial, p.Silent, err)
	case !p.Silent:
		out := s.reply.reset()
		out.begin(&header{
			typ: godbus.TypeMethodReply, flags: godbus.FlagNoReplyExpected, replySerial: p.Serial, sig: sig,
		}, c.nextSerial())
		if write != nil {
			write(out)
		}
		out.finish()
		c.push(out)
	}
}

// replied answers the call that the engine decided.
func (s *Server) replied(r engine.Reply) {
	p, ok := s.parked[r.Token]
	if !ok {
		return
	}
	delete(s.parked, r.Token)
	if r.Err != nil {
		s.answer(p, "", r.Err, nil)
		return
	}
	switch p.Answer {
	case answerNothing:
		s.answer(p, "", nil, nil)
	case answerJob:
		s.answer(p, "o", nil, func(e *encoder) { e.jobPath(r.Job) })
	case answerEnqueue:
		s.answer(p, "uososa(uosos)", nil, func(e *encoder) { s.enqueued(e, r) })
	}
}

// enqueued writes the answer to EnqueueUnitJob.
func (s *Server) enqueued(e *encoder, r engine.Reply) {
	verb, name := "nop", r.Unit
	if j := s.backend.Engine().Job(r.Job); j != nil {
		verb, name = j.Type.String(), j.Unit.ID
	}
	e.uint32(r.Job)
	e.jobPath(r.Job)
	e.string(name)
	e.unitPath(name)
	e.string(verb)
	e.end(e.array(8))
}
