package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// open reads the manifest and checks that a key of the log signed it.
func (b *bundle) open() error {
	signed, err := b.read("manifest.note")
	if err != nil {
		return err
	}
	opened, err := note.Open(signed, b.known)
	if err != nil {
		return fmt.Errorf("manifest.note: %v", err)
	}
	text, err := b.read("manifest.json")
	if err != nil {
		return err
	}
	digest := sha256.Sum256(text)
	want := "placet-evidence v1\n" + opened.Sigs[0].Name + "\n" + base64.StdEncoding.EncodeToString(digest[:]) + "\n"
	if opened.Text != want {
		return fmt.Errorf("manifest.note does not sign manifest.json")
	}
	if len(opened.Sigs) != 1 || len(opened.UnverifiedSigs) != 0 {
		return fmt.Errorf("manifest.note has other signatures than that of the log's key")
	}
	if err := unambiguous(text); err != nil {
		return fmt.Errorf("manifest.json: %v", err)
	}
	if err := decode(text, &b.manifest); err != nil {
		return fmt.Errorf("manifest.json: %v", err)
	}
	if b.Kind != "placet-evidence" || b.V != 1 {
		return fmt.Errorf("manifest.json is of another kind or version")
	}
	if b.Log.Origin != opened.Sigs[0].Name {
		return fmt.Errorf("manifest.json is of the log %s and signed by %s", b.Log.Origin, opened.Sigs[0].Name)
	}
	signer, err := note.NewVerifier(b.Log.SignedBy)
	if err != nil || signer.Name() != opened.Sigs[0].Name || signer.KeyHash() != opened.Sigs[0].Hash {
		return fmt.Errorf("manifest.json names another key than the one that signed it")
	}
	return b.checkKeys()
}

// checkKeys checks that the keys in the bundle are the ones that are known.
func (b *bundle) checkKeys() error {
	text, err := b.read("log-keys.txt")
	if err != nil {
		return err
	}
	for _, key := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return fmt.Errorf("log-keys.txt: %v", err)
		}
		if verifier.Name() != b.Log.Origin {
			return fmt.Errorf("log-keys.txt has a key of another log")
		}
	}
	return nil
}

// checkFiles checks that every file is the one that the manifest lists, and that there is no other.
func (b *bundle) checkFiles() error {
	listed := map[string]bool{"manifest.json": true, "manifest.note": true}
	for _, file := range b.Files {
		if listed[file.Path] {
			return fmt.Errorf("%s is listed twice", file.Path)
		}
		listed[file.Path] = true
		text, err := b.read(file.Path)
		if err != nil {
			return err
		}
		digest := sha256.Sum256(text)
		if int64(len(text)) != file.Bytes || hex.EncodeToString(digest[:]) != file.Sha256 {
			return fmt.Errorf("%s is not the file that the manifest lists", file.Path)
		}
	}
	return filepath.WalkDir(b.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(b.dir, path)
		if err != nil {
			return err
		}
		if !entry.Type().IsRegular() || !listed[filepath.ToSlash(name)] {
			return fmt.Errorf("%s is not in the manifest", name)
		}
		return nil
	})
}

// checkRules checks the texts of policies against the versions that the log names.
func (b *bundle) checkRules(told *told) error {
	for _, policy := range b.Policies {
		if policy.Texts != "checked" {
			continue
		}
		var all bytes.Buffer
		for _, rank := range []bool{true, false} {
			for _, file := range policy.Files {
				if (file.Name == "people.yaml") != rank {
					continue
				}
				text, err := b.read(file.Path)
				if err != nil {
					return err
				}
				fmt.Fprintf(&all, "%d:%s:%d:", len(file.Name), file.Name, len(text))
				all.Write(text)
			}
		}
		digest := sha256.Sum256(all.Bytes())
		if hex.EncodeToString(digest[:]) != policy.Version {
			return fmt.Errorf("the texts of the policy %s are those of another", policy.Version)
		}
	}
	versions := map[int64]string{}
	for _, policy := range b.Policies {
		versions[policy.Seq] = policy.Version
	}
	for seq, version := range told.policies {
		if versions[seq] != version {
			return fmt.Errorf("the policy %s of entry %d is not in the manifest", version, seq)
		}
	}
	return nil
}
