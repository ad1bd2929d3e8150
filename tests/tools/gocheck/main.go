// gocheck looks at a log with code that is not ours: the note and tlog
// packages of golang.org/x/mod, as Debian packages them.
//
//	gocheck checkpoint VKEY FILE        a signed checkpoint
//	gocheck log VKEY BASE [OLD]...      a whole log, by its entries and tiles;
//	                                    each file OLD is an earlier checkpoint
//	gocheck proof VKEY FILE             a tlog-proof with its opening
//	gocheck promise VKEY FILE           an inclusion promise with its opening
//
// BASE is http://HOST:PORT, unix:/path or the folder of a mirror.  One line of
// JSON on stdout; exit status 1 if something does not hold.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const width = 256

// ---- where bytes come from ----

type fetcher func(path string) ([]byte, error)

func open(base string) fetcher {
	if strings.HasPrefix(base, "/") {
		return func(path string) ([]byte, error) {
			return os.ReadFile(filepath.Join(base, path))
		}
	}
	client := &http.Client{}
	url := base
	if strings.HasPrefix(base, "unix:") {
		socket := strings.TrimPrefix(base, "unix:")
		url = "http://log"
		client.Transport = &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (
				net.Conn, error) {
				var d net.Dialer
				return d.DialContext(ctx, "unix", socket)
			},
		}
	}
	return func(path string) ([]byte, error) {
		r, err := client.Get(url + "/" + path)
		if err != nil {
			return nil, err
		}
		defer r.Body.Close()
		if r.StatusCode != 200 {
			return nil, fmt.Errorf("%s: %s", path, r.Status)
		}
		return io.ReadAll(r.Body)
	}
}

// tiles reads them as tlog-tiles names them: x/mod puts the height, "8/",
// into each path.
type tiles struct {
	get  fetcher
	read int
}

func (t *tiles) Height() int                     { return 8 }
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t *tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range list {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := t.get(path)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes", path, len(data))
		}
		t.read++
		out = append(out, data)
	}
	return out, nil
}

// ---- what they say ----

func openNote(vkey string, data []byte) (string, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return "", err
	}
	n, err := note.Open(data, note.VerifierList(v))
	if err != nil {
		return "", err
	}
	return n.Text, nil
}

func checkpoint(vkey string, data []byte) (string, tlog.Tree, error) {
	var tree tlog.Tree
	text, err := openNote(vkey, data)
	if err != nil {
		return "", tree, err
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return "", tree, errors.New("a checkpoint has three lines")
	}
	if !strings.HasPrefix(vkey, lines[0]+"+") {
		return "", tree, errors.New("another origin")
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(tree.N, 10) != lines[1] {
		return "", tree, errors.New("not a size: " + lines[1])
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return lines[0], tree, err
}

func entries(get fetcher, epoch int64) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: -1, N: epoch, W: width}
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	data, err := get(path)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for len(data) >= 2 {
		n := int(data[0])<<8 | int(data[1])
		if len(data) < 2+n {
			break
		}
		out = append(out, data[2:2+n])
		data = data[2+n:]
	}
	if len(data) != 0 || len(out) != width {
		return nil, fmt.Errorf("%s: not %d entries", path, width)
	}
	return out, nil
}

func commitment(opening []byte) []byte {
	h := sha256.New()
	h.Write([]byte("peluit-commit/v1\x00"))
	h.Write(opening)
	return h.Sum(nil)
}

type answer map[string]interface{}

func checkLog(vkey, base string, old []string) (answer, error) {
	get := open(base)
	data, err := get("checkpoint")
	if err != nil {
		return nil, err
	}
	origin, tree, err := checkpoint(vkey, data)
	if err != nil {
		return nil, err
	}
	t := &tiles{get: get}
	reader := tlog.TileHashReader(tree, t)
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return nil, fmt.Errorf("the tiles give another root: %v", err)
	}
	// The tree once more, from nothing but the entries.
	var stored []tlog.Hash
	mine := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for n := int64(0); n < tree.N; n++ {
		if n%width != 0 {
			continue
		}
		list, err := entries(get, n/width)
		if err != nil {
			return nil, err
		}
		for i, entry := range list {
			hs, err := tlog.StoredHashes(n+int64(i), entry, mine)
			if err != nil {
				return nil, err
			}
			stored = append(stored, hs...)
		}
	}
	root, err = tlog.TreeHash(tree.N, mine)
	if err != nil || root != tree.Hash {
		return nil, fmt.Errorf("the entries give another root: %v", err)
	}
	proofs := 0
	for n := int64(0); n < tree.N; n += 37 {
		p, err := tlog.ProveRecord(tree.N, n, reader)
		if err != nil {
			return nil, err
		}
		hs, err := mine([]int64{tlog.StoredHashIndex(0, n)})
		if err != nil {
			return nil, err
		}
		err = tlog.CheckRecord(p, tree.N, tree.Hash, n, hs[0])
		if err != nil {
			return nil, fmt.Errorf("leaf %d: %v", n, err)
		}
		proofs++
	}
	for _, file := range old {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		_, before, err := checkpoint(vkey, data)
		if err != nil {
			return nil, fmt.Errorf("%s: %v", file, err)
		}
		if before.N > tree.N {
			return nil, fmt.Errorf("%s: larger than the log", file)
		}
		p, err := tlog.ProveTree(tree.N, before.N, reader)
		if err != nil {
			return nil, err
		}
		err = tlog.CheckTree(p, tree.N, tree.Hash, before.N, before.Hash)
		if err != nil {
			return nil, fmt.Errorf("%s: not of this history: %v", file,
				err)
		}
	}
	return answer{"origin": origin, "size": tree.N,
		"root": tree.Hash.String(), "tiles": t.read, "proofs": proofs,
		"consistent": len(old)}, nil
}

func checkProof(vkey string, data []byte) (answer, error) {
	at := bytes.Index(data, []byte("\n\n"))
	if at < 0 {
		return nil, errors.New("no empty line")
	}
	head, signed := strings.Split(string(data[:at]), "\n"), data[at+2:]
	if head[0] != "c2sp.org/tlog-proof@v1" || len(head) < 3 ||
		!strings.HasPrefix(head[1], "extra ") ||
		!strings.HasPrefix(head[2], "index ") {
		return nil, errors.New("not a tlog-proof with an opening")
	}
	extra, err := base64.StdEncoding.Strict().DecodeString(head[1][6:])
	if err != nil || len(extra) < 33 {
		return nil, errors.New("no opening")
	}
	index, err := strconv.ParseInt(head[2][6:], 10, 64)
	if err != nil {
		return nil, err
	}
	var path tlog.RecordProof
	for _, line := range head[3:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		path = append(path, h)
	}
	_, tree, err := checkpoint(vkey, signed)
	if err != nil {
		return nil, err
	}
	leaf := tlog.RecordHash(commitment(extra))
	err = tlog.CheckRecord(path, tree.N, tree.Hash, index, leaf)
	return answer{"index": index, "size": tree.N,
		"event": string(extra[32:])}, err
}

func checkPromise(vkey string, data []byte) (answer, error) {
	line, signed, found := strings.Cut(string(data), "\n\n")
	if !found || !strings.HasPrefix(line, "opening ") {
		return nil, errors.New("no opening")
	}
	opening, err := base64.StdEncoding.Strict().DecodeString(line[8:])
	if err != nil || len(opening) < 33 {
		return nil, errors.New("no opening")
	}
	text, err := openNote(vkey, []byte(signed))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[0] != "peluit-promise/v1" ||
		!strings.HasPrefix(vkey, lines[1]+"/promise+") {
		return nil, errors.New("not a promise of this log")
	}
	if lines[4] != base64.StdEncoding.EncodeToString(commitment(opening)) {
		return nil, errors.New("the promise is of another event")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[3], "leaf "),
		10, 64)
	return answer{"index": index, "event": string(opening[32:]),
		"commitment": lines[4]}, err
}

func run(args []string) (answer, error) {
	if len(args) < 3 {
		return nil, errors.New("usage: gocheck checkpoint|log|proof|promise" +
			" VKEY FILE|BASE [OLD...]")
	}
	if args[0] == "log" {
		return checkLog(args[1], args[2], args[3:])
	}
	data, err := os.ReadFile(args[2])
	if err != nil {
		return nil, err
	}
	switch args[0] {
	case "checkpoint":
		origin, tree, err := checkpoint(args[1], data)
		return answer{"origin": origin, "size": tree.N,
			"root": tree.Hash.String()}, err
	case "proof":
		return checkProof(args[1], data)
	case "promise":
		return checkPromise(args[1], data)
	}
	return nil, errors.New("no such command: " + args[0])
}

func main() {
	out, err := run(os.Args[1:])
	if out == nil || err != nil {
		out = answer{}
	}
	out["ok"] = err == nil
	if err != nil {
		out["why"] = err.Error()
	}
	_ = json.NewEncoder(os.Stdout).Encode(out)
	if err != nil {
		os.Exit(1)
	}
}
