package api

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxMergeDepth is how deep a merge patch is followed. An item document nests
// objects two deep (attributes, title); what lies deeper is taken over whole
// and refused by the strict decoder that follows. Without a bound, a patch of
// nothing but braces would cost the square of its length.
const maxMergeDepth = 3

// mergePatch applies patch to target after RFC 7396: members replace or join
// those of the target, null removes them, and anything but an object replaces
// the target whole. Both must be valid JSON.
func mergePatch(target, patch jsontext.Value, depth int) (jsontext.Value, error) {
	if patch.Kind() != '{' || depth == 0 {
		return patch, nil
	}
	changes := map[string]jsontext.Value{}
	if err := json.Unmarshal(patch, &changes); err != nil {
		return nil, fmt.Errorf("read merge patch: %w", err)
	}
	members := map[string]jsontext.Value{}
	if target.Kind() == '{' {
		if err := json.Unmarshal(target, &members); err != nil {
			return nil, fmt.Errorf("read patched document: %w", err)
		}
	}
	for name, change := range changes {
		if change.Kind() == 'n' {
			delete(members, name)
			continue
		}
		merged, err := mergePatch(members[name], change, depth-1)
		if err != nil {
			return nil, err
		}
		members[name] = merged
	}
	out, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("write patched document: %w", err)
	}
	return out, nil
}
