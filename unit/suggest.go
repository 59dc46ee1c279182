package unit

import "strings"

// suggestion names the key that was probably meant: the same in another section, or one that differs by a letter or two.
func suggestion(section, key string) string {
	best, distance := "", 3
	for _, d := range all {
		switch {
		case strings.EqualFold(d.Key, key) && d.Section == section:
			return "; did you mean " + d.Key + "=?"
		case d.Key == key && (d.Section == sectionUnit || d.Section == sectionInstall):
			return "; it belongs in [" + d.Section + "]"
		case d.Section == section && !d.Alias:
			if n := edits(key, d.Key, distance); n < distance {
				best, distance = d.Key, n
			}
		}
	}
	if best == "" || len(key) < 4 {
		return ""
	}
	return "; did you mean " + best + "=?"
}

// edits counts the letters to insert, remove or replace to make a of b, up to bound.
func edits(a, b string, bound int) int {
	if len(a)-len(b) >= bound || len(b)-len(a) >= bound {
		return bound
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
