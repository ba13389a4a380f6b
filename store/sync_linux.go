package store

import (
	"errors"
	"os"
	"syscall"
)

// fdatasync makes the content of f durable, without its times: the high-water
// file never changes size, so each commit saves a journal write.
func fdatasync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
