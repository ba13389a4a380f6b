package store

import (
	"fmt"
	"log/slog"
	"strings"
)

// badgerLogger passes Badger's messages on; its chatter about levels and files
// is debug output here.
type badgerLogger struct{ log *slog.Logger }

func (l badgerLogger) Errorf(format string, args ...any)   { l.log.Error(line(format, args)) }
func (l badgerLogger) Warningf(format string, args ...any) { l.log.Warn(line(format, args)) }
func (l badgerLogger) Infof(format string, args ...any)    { l.log.Debug(line(format, args)) }
func (l badgerLogger) Debugf(string, ...any)               {}

func line(format string, args []any) string {
	return "badger: " + strings.TrimSpace(fmt.Sprintf(format, args...))
}
