package engine

// random is a generator of numbers (splitmix64) whose whole state is plain data: it is serialized with the engine, so that a
// restored one goes on with the same numbers. It is not for secrets.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
