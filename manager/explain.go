package manager

import (
	"encoding/json"
	"fmt"
	"path"

	"davit/engine"
)

// planText answers what a request would do, as JSON.
func planText(e *engine.Engine, verb, name, mode string) (string, error) {
	v, ok := engine.ParseVerb(verb)
	if !ok {
		return "", &engine.Error{Kind: engine.InvalidArgument, Text: fmt.Sprintf("verb %q is unknown", verb)}
	}
	if mode == "" {
		mode = "replace"
	}
	how, ok := engine.ParseMode(mode)
	if !ok {
		return "", &engine.Error{Kind: engine.InvalidArgument, Text: fmt.Sprintf("job mode %q is unknown", mode)}
	}
	return jsonText(e.Plan(name, v, how))
}

// whyText answers why a unit is in its state, as JSON.
func whyText(e *engine.Engine, name string) (string, error) { return jsonText(e.Why(name)) }

func jsonText(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("cannot encode the answer: %w", err)
	}
	return string(text), nil
}

// globMatch matches a unit's name with a pattern; a pattern that is malformed matches nothing.
func globMatch(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}
