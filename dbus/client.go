package dbus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"strconv"
	"sync"
	"time"

	godbus "github.com/godbus/dbus/v5"
)

// CallTimeout bounds calls whose context has no deadline, as systemctl does.
const CallTimeout = 90 * time.Second

// The manager's object and interfaces, for calls.
const (
	ManagerPath      godbus.ObjectPath = managerPath
	ManagerInterface                   = managerInterface
	UnitInterface                      = unitInterface
	DavitInterface                     = "org.davit.Manager"
)

// ErrClosed is the error of calls when the connection has ended.
var ErrClosed = errors.New("the connection to the manager has ended")

// Client is a connection to a manager's private socket. It is safe for concurrent use.
type Client struct {
	conn    *net.UnixConn
	writing sync.Mutex
	out     encoder

	mu      sync.Mutex
	serial  uint32
	waiting map[uint32]chan result
	signals *signalQueue
	err     error
	ended   chan struct{}
}

// result is what a call came to.
type result struct {
	body []any
	err  error
}

// Dial connects to the private socket at path and authenticates. The error wraps that of connect(2).
func Dial(path string) (*Client, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("cannot reach the manager: %w", err)
	}
	c := &Client{conn: conn, waiting: make(map[uint32]chan result), ended: make(chan struct{})}
	r := &clientReader{conn: conn}
	if err := c.authenticate(r); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("%s: cannot authenticate: %w", path, err)
	}
	go c.receive(r)
	return c, nil
}

// handshakeTime bounds authentication.
const handshakeTime = 25 * time.Second

// authenticate sends all of the handshake at once, as sd-bus does, and checks the answers.
func (c *Client) authenticate(r *clientReader) error {
	_ = c.conn.SetDeadline(time.Now().Add(handshakeTime))
	hello := fmt.Sprintf("\x00AUTH EXTERNAL %x\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n", strconv.Itoa(os.Getuid()))
	if _, err := c.conn.Write([]byte(hello)); err != nil {
		return err
	}
	line, err := r.line()
	if err != nil {
		return err
	}
	if len(line) < 3 || line[:3] != "OK " {
		return fmt.Errorf("the manager answers %q", line)
	}
	if line, err = r.line(); err != nil {
		return err
	}
	if line != "AGREE_UNIX_FD" && line[:min(5, len(line))] != "ERROR" {
		return fmt.Errorf("the manager answers %q", line)
	}
	return c.conn.SetDeadline(time.Time{})
}

// Close ends the connection; calls that wait fail with ErrClosed.
func (c *Client) Close() error { return c.conn.Close() }

// Ended is closed when the connection has ended.
func (c *Client) Ended() <-chan struct{} { return c.ended }

// Call calls a method, "interface.Member", and returns its results in godbus's types: godbus.Store takes them.
// Descriptors come as godbus.UnixFD and are the caller's to close. An error of the manager is an *Error.
func (c *Client) Call(ctx context.Context, path godbus.ObjectPath, method string, args ...any) ([]any, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, CallTimeout)
		defer cancel()
	}
	serial, answer, err := c.expect()
	if err != nil {
		return nil, err
	}
	defer c.forget(serial)
	if err := c.write(serial, path, method, args); err != nil {
		return nil, err
	}
	select {
	case r := <-answer:
		return r.body, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: no answer: %w", method, ctx.Err())
	case <-c.ended:
		select {
		case r := <-answer: // it came just before
			return r.body, r.err
		default:
			return nil, c.failure()
		}
	}
}

func (c *Client) expect() (uint32, chan result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, nil, c.err
	}
	c.serial++
	answer := make(chan result, 1)
	c.waiting[c.serial] = answer
	return c.serial, answer, nil
}

func (c *Client) forget(serial uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, serial)
}

func (c *Client) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// write sends a call.
func (c *Client) write(serial uint32, path godbus.ObjectPath, method string, args []any) error {
	iface, member := splitMember(method)
	sig := godbus.SignatureOf(args...).String()
	c.writing.Lock()
	defer c.writing.Unlock()
	e := c.out.reset()
	e.begin(&header{typ: godbus.TypeMethodCall, path: string(path), iface: iface, member: member, sig: sig}, serial)
	rest := sig
	for _, a := range args {
		var first string
		first, rest = next(rest)
		if err := e.value(reflect.ValueOf(a), first); err != nil {
			e.fds = e.fds[:0]
			return fmt.Errorf("%s: %w", method, err)
		}
	}
	e.finish()
	fds := e.fds
	e.fds = e.fds[:0] // the caller's
	return c.send(e.buf, fds)
}

func splitMember(method string) (iface, member string) {
	for i := len(method) - 1; i >= 0; i-- {
		if method[i] == '.' {
			return method[:i], method[i+1:]
		}
	}
	return "", method
}

// Get reads one property.
func (c *Client) Get(ctx context.Context, path godbus.ObjectPath, iface, name string) (any, error) {
	body, err := c.Call(ctx, path, propsInterface+".Get", iface, name)
	if err != nil {
		return nil, err
	}
	v, ok := body[0].(godbus.Variant)
	if !ok {
		return nil, fmt.Errorf("%s.%s: the answer is no variant", iface, name)
	}
	return v.Value(), nil
}

// GetAll reads all properties of an interface, or of the object when iface is empty.
func (c *Client) GetAll(ctx context.Context, path godbus.ObjectPath, iface string) (map[string]godbus.Variant, error) {
	body, err := c.Call(ctx, path, propsInterface+".GetAll", iface)
	if err != nil {
		return nil, err
	}
	all, ok := body[0].(map[string]godbus.Variant)
	if !ok {
		return nil, fmt.Errorf("%s: the answer is no dictionary", iface)
	}
	return all, nil
}

// Match limits the signals that come to those that one of the match rules of the D-Bus specification asks for, such as
// "member='JobRemoved'". Without it all signals come, which costs manager and client time when many units change.
func (c *Client) Match(ctx context.Context, rules ...string) error {
	if _, err := c.Call(ctx, busPath, busInterface+".Hello"); err != nil && ErrorName(err) != errFailed {
		return err
	}
	for _, r := range rules {
		if _, err := c.Call(ctx, busPath, busInterface+".AddMatch", r); err != nil {
			return err
		}
	}
	return nil
}

// ErrorName is the name on the bus of an error that Call returned, "" when it did not come from the manager.
func ErrorName(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Name
	}
	return ""
}
