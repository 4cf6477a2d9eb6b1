package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

var plainName = regexp.MustCompile(`^[a-z0-9_]+$`)

// decodeStrictly refuses whatever another reader could take for something else: a member twice, one that only its case
// sets apart, and one that is not expected.
func decodeStrictly(text []byte, into interface{}) error {
	err := eachName(text, func(name string) error {
		if !plainName.MatchString(name) {
			return fmt.Errorf("the member %q is not expected", name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("this is not what is expected: %v", err)
	}
	return nil
}

// unambiguous refuses an object that has a member twice, in whatever case: encoding/json takes the last of them.
func unambiguous(text []byte) error {
	return eachName(text, func(string) error { return nil })
}

// eachName calls check with the name of each member of each object, and refuses those that stand in an object twice.
func eachName(text []byte, check func(name string) error) error {
	if !json.Valid(text) {
		return fmt.Errorf("this is not JSON")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return namesIn(decoder, check)
}

func namesIn(decoder *json.Decoder, check func(name string) error) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	open, isNested := token.(json.Delim)
	if !isNested {
		return nil
	}
	seen := map[string]bool{}
	for decoder.More() {
		if open == '{' {
			token, err := decoder.Token()
			if err != nil {
				return err
			}
			name, _ := token.(string)
			folded := strings.ToLower(strings.ToUpper(name))
			if seen[folded] {
				return fmt.Errorf("the member %q stands there twice", name)
			}
			seen[folded] = true
			if err := check(name); err != nil {
				return err
			}
		}
		if err := namesIn(decoder, check); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}
