package ctl

import (
	"fmt"
	"strings"
)

// listers are the command lines that list what a verb's arguments can be; the first word of each line counts.
var listers = map[completion]string{
	units:     "list-units --all --plain --no-legend --full",
	unitFiles: "list-unit-files --no-legend --full",
	jobIDs:    "list-jobs --no-legend",
	targets:   "list-units --all --plain --no-legend --full --type=target",
	variables: "show-environment",
}

// runCompletion prints the script that completes command lines in a shell. It is made from the tables of verbs and
// options; what depends on the manager is asked when it is needed.
func runCompletion(c *command, args []string) error {
	scripts := map[string]func() string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	script, ok := scripts[args[0]]
	if !ok {
		return failed("cannot complete for %q: not one of bash, zsh, fish", args[0])
	}
	c.result = map[string]string{"shell": args[0], "script": script()}
	c.printf("%s", script())
	return nil
}

// eachVerb calls f for all verbs in the order of the help.
func eachVerb(f func(verb)) {
	for _, s := range sections {
		for _, v := range s.verbs {
			f(v)
		}
	}
}

// verbsOf are the names of the verbs whose arguments are of a kind.
func verbsOf(kind completion) string {
	var names []string
	eachVerb(func(v verb) {
		if v.what == kind {
			names = append(names, v.name)
		}
	})
	return strings.Join(names, "|")
}

// optionWords are the options of a table that the help shows.
func optionWords(table []option) string {
	var words []string
	for _, o := range table {
		switch {
		case o.help == "" || o.long == "":
		case o.takes == none:
			words = append(words, "--"+o.long)
		default:
			words = append(words, "--"+o.long+"=")
		}
	}
	return strings.Join(words, " ")
}

func allVerbs() string {
	var names []string
	eachVerb(func(v verb) { names = append(names, v.name) })
	return strings.Join(names, " ")
}

// listCases are the branches of a shell's case statement that choose what lists the arguments.
func listCases(indent string) string {
	var b strings.Builder
	for kind := units; kind <= variables; kind++ {
		if l := listers[kind]; l != "" {
			fmt.Fprintf(&b, "%s%s) list='%s' ;;\n", indent, verbsOf(kind), l)
		}
	}
	return b.String()
}

func bashCompletion() string {
	return `# bash completion for davitctl: eval "$(davitctl completion bash)"
_davitctl() {
	local cur=${COMP_WORDS[COMP_CWORD]} verb= list= which=() i w
	for ((i = 1; i < COMP_CWORD; i++)); do
		w=${COMP_WORDS[i]}
		case $w in
		--user|--system) which+=("$w") ;;
		--directory) which+=("$w" "${COMP_WORDS[i+1]}"); ((i++)) ;;
		--directory=*) which+=("$w") ;;
		-*) ;;
		*) [[ $verb ]] || verb=$w ;;
		esac
	done
	compopt +o nospace 2>/dev/null
	case $verb:$cur in
	logs:-*) COMPREPLY=($(compgen -W '` + optionWords(logTable) + `' -- "$cur")) ;;
	*:-*) COMPREPLY=($(compgen -W '` + optionWords(ctlOptions) + `' -- "$cur")) ;;
	:*) COMPREPLY=($(compgen -W '` + allVerbs() + `' -- "$cur")); return ;;
	esac
	[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
	[[ $cur == -* ]] && return
	case $verb in
` + listCases("\t") + `	` + verbsOf(paths) + `) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	*) return ;;
	esac
	COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "${which[@]}" $list 2>/dev/null | while read -r w _; do echo "${w%%=*}"; done)" -- "$cur"))
}
complete -F _davitctl davitctl
`
}

func zshCompletion() string {
	var b strings.Builder
	b.WriteString(`#compdef davitctl
# zsh completion for davitctl: davitctl completion zsh > a directory of $fpath, as _davitctl
_davitctl() {
	local -a verbs which
	local verb= list= w i
	verbs=(
`)
	eachVerb(func(v verb) { fmt.Fprintf(&b, "\t\t'%s:%s'\n", v.name, strings.ReplaceAll(v.help, "'", `'\''`)) })
	b.WriteString(`	)
	for ((i = 2; i < CURRENT; i++)); do
		w=$words[i]
		case $w in
		--user|--system|--directory=*) which+=($w) ;;
		--directory) which+=($w $words[i+1]); ((i++)) ;;
		-*) ;;
		*) [[ -n $verb ]] || verb=$w ;;
		esac
	done
	if [[ $words[CURRENT] == -* ]]; then
		if [[ $verb == logs ]]; then
			compadd -S '' -- ` + optionWords(logTable) + `
		else
			compadd -S '' -- ` + optionWords(ctlOptions) + `
		fi
		return
	fi
	if [[ -z $verb ]]; then
		_describe verb verbs
		return
	fi
	case $verb in
` + listCases("\t") + `	` + verbsOf(paths) + `) _files; return ;;
	*) return ;;
	esac
	compadd -- ${${(f)"$($words[1] $which ${=list} 2>/dev/null)"}%%[ =]*}
}
_davitctl "$@"
`)
	return b.String()
}

func fishCompletion() string {
	var b strings.Builder
	b.WriteString("# fish completion for davitctl: davitctl completion fish > ~/.config/fish/completions/davitctl.fish\ncomplete -c davitctl -f\n")
	all := allVerbs()
	eachVerb(func(v verb) {
		fmt.Fprintf(&b, "complete -c davitctl -n 'not __fish_seen_subcommand_from %s' -a %s -d '%s'\n", all, v.name, strings.ReplaceAll(v.help, "'", `\'`))
	})
	for kind := units; kind <= variables; kind++ {
		names := strings.ReplaceAll(verbsOf(kind), "|", " ")
		cond := fmt.Sprintf("complete -c davitctl -n '__fish_seen_subcommand_from %s'", names)
		switch l := listers[kind]; {
		case kind == paths:
			fmt.Fprintf(&b, "%s -F\n", cond)
		case l != "":
			fmt.Fprintf(&b, "%s -a '(davitctl %s 2>/dev/null | string replace -r \"[ =].*\" \"\")'\n", cond, l)
		}
	}
	fishOptions(&b, "", ctlOptions)
	fishOptions(&b, " -n '__fish_seen_subcommand_from logs'", logTable[len(commonOptions):])
	return b.String()
}

func fishOptions(b *strings.Builder, cond string, table []option) {
	for _, o := range table {
		if o.help == "" || o.long == "" {
			continue
		}
		fmt.Fprintf(b, "complete -c davitctl%s -l %s", cond, o.long)
		if o.short != 0 {
			fmt.Fprintf(b, " -s %c", o.short)
		}
		if o.takes == required {
			b.WriteString(" -x")
		}
		fmt.Fprintf(b, " -d '%s'\n", strings.ReplaceAll(o.help, "'", `\'`))
	}
}
