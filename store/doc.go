// Package store keeps everything a shop told us: a durable, totally ordered
// log of records on Badger, the checkpoints that make restarts fast, the
// documents that configure the shop and the ledger of its offers. It is the
// only importer of Badger.
//
// # Promise
//
// When Append returns, its records survive a crash of the process or the
// machine, each once, under the sequence it returned; if they ever do not, the
// next Open says so and names the sequences. One flipped bit in a write-ahead
// log of Badger makes it drop all that follows and open without an error; so
// nothing here is believed because Badger opened. Sequences are dense from 1
// and never used twice; the single exceptions to dense are losses an operator
// accepted (Options.AcceptLoss), which stay on record.
//
// # Files
//
//	<dir>/log/         Badger
//	<dir>/highwater    how far the log was durable, 2 slots written in turn
//	<dir>/highwater-keyed  the same for documents and decisions
//	<dir>/checkpoint   the newest checkpoint
//
// # Keys
//
// Integers in keys and headers are big endian. A letter not listed is free.
//
//	'a' first[8] count[4]   a chunk of the log: records first..first+count-1
//	'c' kind 0 id           a document of the configuration, by kind and id
//	'd' id[16]              SHA-256 of an event id, cut to 128 bits -> seq[8]
//	'g' from[8]             loss accepted: records from..to are gone -> to[8];
//	                        to = from-1 marks a broken running hash alone
//	's'                     how many commits 'c' and 'z' have seen, and their sum
//	'z' ^place[8]           a record of the offer ledger, the newest first
//
// The count is in the key so that a scan of keys alone, which Open does,
// proves the log dense.
//
// Their order keeps compaction cheap. Badger merges a table with all tables of
// the next level that its range of keys covers. What only grows, the log and the
// ledger, therefore lies at the two ends, each with its newest keys towards the
// middle: a table that holds the newest of the log and of what follows covers
// nothing older. Between other keys it would reach from those before the log to
// its end, so that every few megabytes appended rewrote all of it.
//
// # Chunks
//
// Records are packed: one Append is one chunk, or several when it is more than
// 512 KB or 8192 records, which keeps each inside one Badger transaction (and
// below the value threshold, so the value log stays empty and needs no
// garbage collection). A chunk is the value of its key:
//
//	 0        1       2       6       14      22      30      38        42      46
//	+--------+-------+-------+-------+-------+-------+-------+---------+-------+---------
//	| format | flags | count | first | batch | prev  | hash  | payload | CRC   | payload
//	| =1     |       |       | seq   | seq   | hash  |       | length  |       | ...
//	+--------+-------+-------+-------+-------+-------+-------+---------+-------+---------
//
// hash is xxhash64 of the bytes 0..29 and the payload; as it covers the hash
// before it, it stands for the whole history. CRC is CRC-32C of the bytes
// 0..41 and the payload. batch is the first sequence of the same Append and
// bit 0 of flags says that the Append goes on in the next chunk: if a crash
// cuts it there, Open removes its chunks, so an Append is all or nothing.
//
// # Records
//
// A record is its kind (1 byte), the length of its body (uvarint) and its
// body. Numbers are varints, strings and lists carry their length, floats are
// 8 bytes little endian, a time is Unix seconds and nanoseconds (kept in UTC),
// an amount is a tag (zero, same currency as before in this record, explicit),
// the amount and the currency. An event is
//
//	bits, type, [time], [received], ids that bits name, [decision, offer],
//	[value], count of items, items
//
// and an item ends with its price history (count; price, from and to of each
// period) if one of its bits says so.
//
// The decoder trusts nothing: every length is held against what is left and
// against a cap, and it fails with an error that names the record. What it
// would refuse is refused by Append. Files of every format version stay
// readable within one layout of keys; testdata holds one of each. A directory of
// another layout is refused as a whole, by the magic number of Badger's manifest.
//
// # Documents and decisions
//
// Entries under 'c' and 'z' are changed in place, so no chain can prove them.
// Each is a frame
//
//	 0        1            5
//	+--------+------------+------
//	| format | CRC-32C of | body
//	| =1     | key, format|
//	|        | and body   |
//	+--------+------------+------
//
// A document's body is its version (uvarint), the time of its last change and
// its JSON (at most 64 KB). A decision's body is kind, bits, time, [expiry],
// [yen], [redemptions], [views], [accepted] and the ids of decision, offer and
// customer.
//
// The state under 's' is format, generation[8], sum[8] and CRC-32C: the number
// of commits so far and the XOR over all entries of xxhash64(key, value). Every
// commit writes it in its own transaction and then, synced, to highwater-keyed.
// Open adds the entries up and holds the sum against both: an entry that is
// lost, damaged or of an older commit is a LossError, and with AcceptLoss what
// is damaged is dropped and the rest becomes the acknowledged state.
//
// # Commit
//
//  1. duplicates are found by their 'd' keys and in the batch itself; a filter in
//     memory tells most ids that are new without a look
//  2. each chunk and the 'd' keys of its records: one synced transaction
//  3. the high-water file: last sequence and running hash, synced
//
// A crash between 2 and 3 leaves records nobody was told of; they are kept,
// for their sender will send them again and must find them. If 2 or 3 fails,
// the store takes no more records until it is reopened: only the disk knows
// how much of them it holds.
//
// # Open
//
// Every table is checked before Badger sees it, for Badger ends the process
// over a bad one. Then the log must be dense and reach the high water, the
// running hash there must be the log's, and chunks above it must be whole and
// continue it. Otherwise Open fails with a LossError. Cost: reading the tables
// once and O(chunks) keys.
//
// # Checkpoint
//
// A header (magic, sequence, running hash at it), the caller's bytes, a
// trailer (their length, CRC-32C of all before). It only saves time: one that
// is damaged, beyond the log, or of another log is dropped and counted.
package store
