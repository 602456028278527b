// Reads a segment of magic 2 the way a consumer in Go reads what it fetched: franz-go checks each batch's CRC-32C,
// decompresses it and makes its records. On one thread; nothing is kept. A peer for bench/speed.ts.
package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// baseOffset and batchLength, which batchLength does not count.
	logOverhead = 12
	// A consumer's max.partition.fetch.bytes, as Kafka and franz-go have it by default.
	fetchBytes = 1 << 20
)

func main() {
	runtime.GOMAXPROCS(1)
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go-reader SEGMENT.log")
		os.Exit(2)
	}
	records, err := readSegment(os.Args[1])
	if err != nil {
		fmt.Fprintf(os.Stderr, "go-reader: %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
	fmt.Println(records, "records")
}

func readSegment(path string) (int, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, fetchBytes)
	options := kgo.ProcessFetchPartitionOpts{}
	decompressor := kgo.DefaultDecompressor()
	records := 0
	for {
		batches, expected, readErr := readBatches(reader)
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return records, readErr
		}
		response := kmsg.FetchResponseTopicPartition{RecordBatches: batches}
		fetched, next := kgo.ProcessFetchPartition(options, &response, decompressor, nil)
		if fetched.Err != nil {
			return records, fetched.Err
		}
		records += len(fetched.Records)
		// What franz-go cannot decode to the end it leaves for the next fetch; here there is none.
		if next < expected {
			return records, fmt.Errorf("decoded up to offset %d of %d", next, expected)
		}
		options.Offset = next
		if readErr != nil {
			return records, nil
		}
	}
}

// readBatches returns whole batches, of fetchBytes or as many as are left, and the offset after the last of them.
// The error is io.EOF with the last ones.
func readBatches(reader *bufio.Reader) (batches []byte, nextOffset int64, err error) {
	batches = make([]byte, 0, fetchBytes)
	for {
		// Up to and with lastOffsetDelta.
		header, err := reader.Peek(27)
		if err != nil {
			if len(header) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return batches, nextOffset, err
		}
		size := logOverhead + int(binary.BigEndian.Uint32(header[8:]))
		if len(batches) > 0 && len(batches)+size > fetchBytes {
			return batches, nextOffset, nil
		}
		nextOffset = int64(binary.BigEndian.Uint64(header)) + int64(int32(binary.BigEndian.Uint32(header[23:]))) + 1
		start := len(batches)
		batches = append(batches, make([]byte, size)...)
		if _, err := io.ReadFull(reader, batches[start:]); err != nil {
			return nil, nextOffset, io.ErrUnexpectedEOF
		}
	}
}
