package backup

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"

	"juli/internal/fault"
	"juli/internal/seal"
)

// A file begins with the magic, the name of the master key and the salt.
const (
	magic     = "JULI-BACKUP-1\n"
	nameSize  = 16
	saltSize  = 32
	headSize  = len(magic) + nameSize + saltSize
	pieceSize = 64 << 10
	purpose   = "backup file"
)

// damaged is the one answer to a file that is not what was written: what
// exactly is wrong helps nobody but the one who altered it.
func damaged(err error) error {
	return fault.Wrap(err, fault.Invalid, "backup.damaged", "备份文件不完整、被改动，或不是用本系统的密钥加密的。")
}

// pieces is the cipher of one file. Its nonces count the pieces and mark the
// last one, so none can be moved, dropped, doubled or cut off.
type pieces struct {
	aead   cipher.AEAD
	header []byte
	count  uint64
}

func newPieces(keys *seal.Masters, header []byte) (*pieces, error) {
	name, salt := string(header[len(magic):len(magic)+nameSize]), header[len(magic)+nameSize:]
	key, err := keys.Derive(name, purpose, salt)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &pieces{aead: aead, header: header}, err
}

func (p *pieces) nonce(last bool) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint64(n[3:], p.count)
	if last {
		n[11] = 1
	}
	p.count++
	return n
}

// sealer writes what it is given as sealed pieces; Close writes the last one.
type sealer struct {
	*pieces
	out io.Writer
	buf []byte
}

func newSealer(keys *seal.Masters, out io.Writer) (*sealer, error) {
	header := make([]byte, headSize)
	copy(header, magic+keys.Newest())
	rand.Read(header[headSize-saltSize:])
	p, err := newPieces(keys, header)
	if err != nil {
		return nil, err
	}
	if _, err := out.Write(header); err != nil {
		return nil, err
	}
	return &sealer{pieces: p, out: out, buf: make([]byte, 0, pieceSize+p.aead.Overhead())}, nil
}

// Write takes bytes; a full piece is written once more bytes follow it.
func (s *sealer) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		if len(s.buf) == pieceSize {
			if err := s.flush(false); err != nil {
				return 0, err
			}
		}
		k := min(len(b), pieceSize-len(s.buf))
		s.buf = append(s.buf, b[:k]...)
		b = b[k:]
	}
	return n, nil
}

// Close writes the last piece; without it the file is cut.
func (s *sealer) Close() error { return s.flush(true) }

func (s *sealer) flush(last bool) error {
	_, err := s.out.Write(s.aead.Seal(s.buf[:0], s.nonce(last), s.buf, s.header))
	s.buf = s.buf[:0]
	return err
}

// opener reads sealed pieces. It gives out no byte of a piece that was not
// written under the same key at the same place.
type opener struct {
	*pieces
	in   *bufio.Reader
	buf  []byte
	rest []byte
	end  bool
}

func newOpener(keys *seal.Masters, in io.Reader) (*opener, error) {
	header := make([]byte, headSize)
	if _, err := io.ReadFull(in, header); err != nil {
		return nil, damaged(err)
	}
	if string(header[:len(magic)]) != magic {
		return nil, damaged(errors.New("not a backup"))
	}
	p, err := newPieces(keys, header)
	if err != nil {
		return nil, damaged(err)
	}
	size := pieceSize + p.aead.Overhead()
	return &opener{pieces: p, in: bufio.NewReaderSize(in, 2*size), buf: make([]byte, size)}, nil
}

// Read gives out opened bytes, and io.EOF only after the last piece.
func (o *opener) Read(b []byte) (int, error) {
	for len(o.rest) == 0 {
		if o.end {
			return 0, io.EOF
		}
		if err := o.next(); err != nil {
			return 0, damaged(err)
		}
	}
	n := copy(b, o.rest)
	o.rest = o.rest[n:]
	return n, nil
}

func (o *opener) next() error {
	n, err := io.ReadFull(o.in, o.buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	_, err = o.in.Peek(1)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	o.end = err != nil
	o.rest, err = o.aead.Open(o.buf[:0], o.nonce(o.end), o.buf[:n], o.header)
	return err
}
