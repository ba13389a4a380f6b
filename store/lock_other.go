//go:build !unix

package store

// dirLock does nothing here: Badger locks its own directory inside this one.
type dirLock struct{}

func lockDir(string) (*dirLock, error) { return &dirLock{}, nil }

func (l *dirLock) release() error { return nil }
