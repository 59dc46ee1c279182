package dbus

// skipAll validates values of the complete types of sig and steps over them.
func (d *decoder) skipAll(sig string) {
	for sig != "" && d.err == nil {
		var first string
		first, sig = next(sig)
		d.skip(first, 1)
	}
}

// skip validates one value of the complete type sig.
func (d *decoder) skip(sig string, depth int) {
	if depth > maxDepth || sig == "" {
		d.fail("it nests too deep")
		return
	}
	switch sig[0] {
	case 's':
		d.text()
	case 'o':
		if b := d.text(); d.err == nil && !validPath(string(b)) {
			d.fail("%q is no object path", b)
		}
	case 'g':
		d.signature()
	case 'b':
		d.bool()
	case 'h':
		if i := d.uint32(); d.err == nil && i >= d.nfds {
			d.fail("descriptor %d of %d", i, d.nfds)
		}
	case 'v':
		inner := d.signature()
		if d.err == nil && !single(inner) {
			d.fail("%q is no variant's type", inner)
			return
		}
		d.skip(inner, depth+1)
	case '(', '{':
		d.align(8)
		for rest := sig[1 : len(sig)-1]; rest != "" && d.err == nil; {
			var first string
			first, rest = next(rest)
			d.skip(first, depth+1)
		}
	case 'a':
		d.skipArray(sig[1:], depth)
	default:
		n := fixedSize(sig[0])
		d.align(n)
		d.take(n)
	}
}

func (d *decoder) skipArray(elem string, depth int) {
	end := d.array(alignment(elem[0]))
	if n := fixedSize(elem[0]); n > 0 && elem[0] != 'h' {
		if (end-d.pos)%n != 0 {
			d.fail("an array ends within an element")
		}
		d.take(end - d.pos)
		return
	}
	for d.more(end) {
		d.skip(elem, depth+1)
	}
}
