package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// An account is whom the servers run as.
type account struct {
	switches bool // false: whoever we are
	uid, gid uint32
}

// serverAccount is ourselves, or an account without rights when we are root.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(found.Uid, 10, 32)
		if err != nil {
			return account{}, fmt.Errorf("read the account %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(found.Gid, 10, 32)
		if err != nil {
			return account{}, fmt.Errorf("read the account %s: %w", name, err)
		}
		return account{switches: true, uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return account{}, fmt.Errorf("postgres does not run as root, and there is no account postgres or nobody")
}

// attributes makes a child run as the account.
func (a account) attributes() *syscall.SysProcAttr {
	attributes := childAttributes()
	if a.switches {
		attributes.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attributes
}

// makeDir makes the folder, which the account may pass through but not list.
func (a account) makeDir(dir string) error {
	mode := fs.FileMode(0o700)
	if a.switches {
		mode = 0o711
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := os.Chmod(dir, mode); err != nil { // against the umask
		return fmt.Errorf("make the folder: %w", err)
	}
	return nil
}

// own makes a folder that belongs to the account alone.
func (a account) own(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make a server's folder: %w", err)
	}
	return a.give(dir)
}

func (a account) give(path string) error {
	if !a.switches {
		return nil
	}
	if err := os.Chown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give a file to the servers' account: %w", err)
	}
	return nil
}

// home is the folder of the servers' own files: dir itself where the account can
// reach it.
func (a account) home(dir string) (string, error) {
	if !a.switches || passable(dir) {
		return dir, nil
	}
	home := awayHome(dir)
	if err := os.Mkdir(home, 0o711); err != nil && !os.IsExist(err) {
		return "", fmt.Errorf("make the servers' folder: %w", err)
	}
	info, err := os.Lstat(home)
	if err != nil {
		return "", fmt.Errorf("look at the servers' folder: %w", err)
	}
	// Anybody may make folders in /var/tmp: take none but our own.
	if status, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(status.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s is not ours", home)
	}
	return home, a.makeDir(home)
}

func awayHome(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join("/var/tmp", "konote-"+hex.EncodeToString(sum[:8]))
}

// passable says whether anybody may pass through the folder and all above it.
func passable(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}
