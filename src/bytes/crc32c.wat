;; CRC-32C of bytes that lie in this memory, the walk over batches that go on as the ones before them, and the searches
;; for places where a batch could start.
;;
;; A message is a polynomial, and its CRC stays the same when a multiple of the CRC's own polynomial is added to it. With
;; multiples of few terms whose distances are whole bytes, the front of a message is pushed towards its end by XOR
;; alone, sixteen bytes at a time; only the few hundred bytes that are left at last go through tables.
;;
;; Memory: 0 the sixteen tables, written once by the host; 0x4000 and 0xa000 what the two folds look back at, and a
;; chunk; 0x8000 and 0xc800 what they leave; from 0x10000 on the host's bytes. Up to 90 bytes behind those are read.
(module
  (import "host" "memory" (memory 2))

  ;; Sixteen bytes a step through sixteen tables; the CRC is not inverted here.
  (func $slice (param $src i32) (param $length i32) (param $crc i32) (result i32)
    (local $end i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local.set $end (i32.add (local.get $src) (i32.and (local.get $length) (i32.const -16))))
    (block $done
      (loop $step
        (br_if $done (i32.ge_u (local.get $src) (local.get $end)))
        (local.set $b (i32.load offset=4 align=1 (local.get $src)))
        (local.set $c (i32.load offset=8 align=1 (local.get $src)))
        (local.set $d (i32.load offset=12 align=1 (local.get $src)))
        (local.set $a (i32.xor (local.get $crc) (i32.load align=1 (local.get $src))))
        (local.set $crc
          (i32.xor
          (i32.xor (i32.xor
            (i32.xor (i32.load offset=11264 (i32.and (i32.shl (local.get $b) (i32.const 2)) (i32.const 1020))) (i32.load offset=10240 (i32.and (i32.shr_u (local.get $b) (i32.const 6)) (i32.const 1020))))
            (i32.xor (i32.load offset=9216 (i32.and (i32.shr_u (local.get $b) (i32.const 14)) (i32.const 1020))) (i32.load offset=8192 (i32.and (i32.shr_u (local.get $b) (i32.const 22)) (i32.const 1020)))))
            (i32.xor (i32.xor
            (i32.xor (i32.load offset=7168 (i32.and (i32.shl (local.get $c) (i32.const 2)) (i32.const 1020))) (i32.load offset=6144 (i32.and (i32.shr_u (local.get $c) (i32.const 6)) (i32.const 1020))))
            (i32.xor (i32.load offset=5120 (i32.and (i32.shr_u (local.get $c) (i32.const 14)) (i32.const 1020))) (i32.load offset=4096 (i32.and (i32.shr_u (local.get $c) (i32.const 22)) (i32.const 1020))))) (i32.xor
            (i32.xor (i32.load offset=3072 (i32.and (i32.shl (local.get $d) (i32.const 2)) (i32.const 1020))) (i32.load offset=2048 (i32.and (i32.shr_u (local.get $d) (i32.const 6)) (i32.const 1020))))
            (i32.xor (i32.load offset=1024 (i32.and (i32.shr_u (local.get $d) (i32.const 14)) (i32.const 1020))) (i32.load offset=0 (i32.and (i32.shr_u (local.get $d) (i32.const 22)) (i32.const 1020)))))))
          (i32.xor
            (i32.xor (i32.load offset=15360 (i32.and (i32.shl (local.get $a) (i32.const 2)) (i32.const 1020))) (i32.load offset=14336 (i32.and (i32.shr_u (local.get $a) (i32.const 6)) (i32.const 1020))))
            (i32.xor (i32.load offset=13312 (i32.and (i32.shr_u (local.get $a) (i32.const 14)) (i32.const 1020))) (i32.load offset=12288 (i32.and (i32.shr_u (local.get $a) (i32.const 22)) (i32.const 1020)))))))
        (local.set $src (i32.add (local.get $src) (i32.const 16)))
        (br $step)))
    (local.set $end (i32.add (local.get $end) (i32.and (local.get $length) (i32.const 15))))
    (block $done
      (loop $step
        (br_if $done (i32.ge_u (local.get $src) (local.get $end)))
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 8))
            (i32.load
              (i32.shl
                (i32.and (i32.xor (local.get $crc) (i32.load8_u (local.get $src))) (i32.const 255))
                (i32.const 2)))))
        (local.set $src (i32.add (local.get $src) (i32.const 1)))
        (br $step)))
    (local.get $crc))

  ;; Folds all but the last 5424 to 5551 bytes away, and writes what is left to $target; returns how much that is.
  ;; 1 + x^(8*1278) + x^(8*1565) + x^(8*5424) is a multiple of the Castagnoli polynomial in this bit order: bytes that
  ;; are added again at these distances cancel out.
  (func $foldWide (param $src i32) (param $length i32) (param $crc i32) (param $target i32) (result i32)
    (local $at i32) (local $end i32) (local $left i32) (local $rest i32)
    ;; Nothing before the message, but for the CRC so far: XORed onto its first four bytes.
    (memory.fill (i32.const 16384) (i32.const 0) (i32.const 5440))
    (i32.store (i32.const 16400) (local.get $crc))
    (local.set $left (i32.and (i32.sub (local.get $length) (i32.const 5424)) (i32.const -128)))
    (local.set $rest (i32.sub (local.get $length) (local.get $left)))
    (block $folded
      (loop $chunk
        (br_if $folded (i32.eqz (local.get $left)))
        (local.set $end (select (i32.const 8192) (local.get $left) (i32.gt_u (local.get $left) (i32.const 8192))))
        (local.set $left (i32.sub (local.get $left) (local.get $end)))
        (local.set $at (i32.const 0))
        (loop $step
          (v128.store offset=21824 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.load offset=0 align=1 (local.get $src))
            (v128.load offset=16400 align=1 (local.get $at)))
            (v128.load offset=20259 align=1 (local.get $at)))
            (v128.load offset=20546 align=1 (local.get $at))))
          (v128.store offset=21840 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.load offset=16 align=1 (local.get $src))
            (v128.load offset=16416 align=1 (local.get $at)))
            (v128.load offset=20275 align=1 (local.get $at)))
            (v128.load offset=20562 align=1 (local.get $at))))
          (v128.store offset=21856 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.load offset=32 align=1 (local.get $src))
            (v128.load offset=16432 align=1 (local.get $at)))
            (v128.load offset=20291 align=1 (local.get $at)))
            (v128.load offset=20578 align=1 (local.get $at))))
          (v128.store offset=21872 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.load offset=48 align=1 (local.get $src))
            (v128.load offset=16448 align=1 (local.get $at)))
            (v128.load offset=20307 align=1 (local.get $at)))
            (v128.load offset=20594 align=1 (local.get $at))))
          (v128.store offset=21888 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.load offset=64 align=1 (local.get $src))
            (v128.load offset=16464 align=1 (local.get $at)))
            (v128.load offset=20323 align=1 (local.get $at)))
            (v128.load offset=20610 align=1 (local.get $at))))
          (v128.store offset=21904 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.load offset=80 align=1 (local.get $src))
            (v128.load offset=16480 align=1 (local.get $at)))
            (v128.load offset=20339 align=1 (local.get $at)))
            (v128.load offset=20626 align=1 (local.get $at))))
          (v128.store offset=21920 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.load offset=96 align=1 (local.get $src))
            (v128.load offset=16496 align=1 (local.get $at)))
            (v128.load offset=20355 align=1 (local.get $at)))
            (v128.load offset=20642 align=1 (local.get $at))))
          (v128.store offset=21936 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.load offset=112 align=1 (local.get $src))
            (v128.load offset=16512 align=1 (local.get $at)))
            (v128.load offset=20371 align=1 (local.get $at)))
            (v128.load offset=20658 align=1 (local.get $at))))
          (local.set $src (i32.add (local.get $src) (i32.const 128)))
          (local.set $at (i32.add (local.get $at) (i32.const 128)))
          (br_if $step (i32.lt_u (local.get $at) (local.get $end))))
        ;; The end of this chunk is what the next one looks back at.
        (memory.copy (i32.const 16384) (i32.add (i32.const 16384) (local.get $at)) (i32.const 5440))
        (br $chunk)))
    ;; The rest takes up what is left of the folded bytes, and is not folded itself.
    (memory.fill (i32.const 21824) (i32.const 0) (i32.add (local.get $rest) (i32.const 16)))
    (local.set $at (i32.const 0))
    (loop $step
      (v128.store align=1 (i32.add (local.get $target) (local.get $at)) (v128.xor (v128.xor (v128.xor (v128.load align=1 (i32.add (local.get $src) (local.get $at)))
        (v128.load offset=16400 align=1 (local.get $at)))
        (v128.load offset=20259 align=1 (local.get $at)))
        (v128.load offset=20546 align=1 (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $step (i32.lt_u (local.get $at) (local.get $rest))))
    (local.get $rest))

  ;; The same with more terms that lie closer together: all but the last 299 to 362 bytes.
  (func $foldNarrow (param $src i32) (param $length i32) (param $crc i32) (param $target i32) (result i32)
    (local $at i32) (local $end i32) (local $left i32) (local $rest i32)
    ;; Nothing before the message, but for the CRC so far: XORed onto its first four bytes.
    (memory.fill (i32.const 40960) (i32.const 0) (i32.const 320))
    (i32.store (i32.const 40981) (local.get $crc))
    (local.set $left (i32.and (i32.sub (local.get $length) (i32.const 299)) (i32.const -64)))
    (local.set $rest (i32.sub (local.get $length) (local.get $left)))
    (block $folded
      (loop $chunk
        (br_if $folded (i32.eqz (local.get $left)))
        (local.set $end (select (i32.const 8192) (local.get $left) (i32.gt_u (local.get $left) (i32.const 8192))))
        (local.set $left (i32.sub (local.get $left) (local.get $end)))
        (local.set $at (i32.const 0))
        (loop $step
          (v128.store offset=41280 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.xor (v128.xor (v128.load offset=0 align=1 (local.get $src))
            (v128.load offset=40981 align=1 (local.get $at)))
            (v128.load offset=41002 align=1 (local.get $at)))
            (v128.load offset=41043 align=1 (local.get $at)))
            (v128.load offset=41115 align=1 (local.get $at)))
            (v128.load offset=41123 align=1 (local.get $at))))
          (v128.store offset=41296 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.xor (v128.xor (v128.load offset=16 align=1 (local.get $src))
            (v128.load offset=40997 align=1 (local.get $at)))
            (v128.load offset=41018 align=1 (local.get $at)))
            (v128.load offset=41059 align=1 (local.get $at)))
            (v128.load offset=41131 align=1 (local.get $at)))
            (v128.load offset=41139 align=1 (local.get $at))))
          (v128.store offset=41312 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.xor (v128.xor (v128.load offset=32 align=1 (local.get $src))
            (v128.load offset=41013 align=1 (local.get $at)))
            (v128.load offset=41034 align=1 (local.get $at)))
            (v128.load offset=41075 align=1 (local.get $at)))
            (v128.load offset=41147 align=1 (local.get $at)))
            (v128.load offset=41155 align=1 (local.get $at))))
          (v128.store offset=41328 align=1 (local.get $at) (v128.xor (v128.xor (v128.xor (v128.xor (v128.xor (v128.load offset=48 align=1 (local.get $src))
            (v128.load offset=41029 align=1 (local.get $at)))
            (v128.load offset=41050 align=1 (local.get $at)))
            (v128.load offset=41091 align=1 (local.get $at)))
            (v128.load offset=41163 align=1 (local.get $at)))
            (v128.load offset=41171 align=1 (local.get $at))))
          (local.set $src (i32.add (local.get $src) (i32.const 64)))
          (local.set $at (i32.add (local.get $at) (i32.const 64)))
          (br_if $step (i32.lt_u (local.get $at) (local.get $end))))
        ;; The end of this chunk is what the next one looks back at.
        (memory.copy (i32.const 40960) (i32.add (i32.const 40960) (local.get $at)) (i32.const 320))
        (br $chunk)))
    ;; The rest takes up what is left of the folded bytes, and is not folded itself.
    (memory.fill (i32.const 41280) (i32.const 0) (i32.add (local.get $rest) (i32.const 16)))
    (local.set $at (i32.const 0))
    (loop $step
      (v128.store align=1 (i32.add (local.get $target) (local.get $at)) (v128.xor (v128.xor (v128.xor (v128.xor (v128.xor (v128.load align=1 (i32.add (local.get $src) (local.get $at)))
        (v128.load offset=40981 align=1 (local.get $at)))
        (v128.load offset=41002 align=1 (local.get $at)))
        (v128.load offset=41043 align=1 (local.get $at)))
        (v128.load offset=41115 align=1 (local.get $at)))
        (v128.load offset=41123 align=1 (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $step (i32.lt_u (local.get $at) (local.get $rest))))
    (local.get $rest))

  (func $crc32c (export "crc32c") (param $src i32) (param $length i32) (param $crc i32) (result i32)
    (local.set $crc (i32.xor (local.get $crc) (i32.const -1)))
    (if (i32.ge_u (local.get $length) (i32.const 20480))
      (then
        (local.set $length
          (call $foldWide (local.get $src) (local.get $length) (local.get $crc) (i32.const 0x8000)))
        (local.set $src (i32.const 0x8000))
        (local.set $crc (i32.const 0))))
    (if (i32.ge_u (local.get $length) (i32.const 512))
      (then
        (local.set $length
          (call $foldNarrow (local.get $src) (local.get $length) (local.get $crc) (i32.const 0xc800)))
        (local.set $src (i32.const 0xc800))
        (local.set $crc (i32.const 0))))
    (i32.xor
      (call $slice (local.get $src) (local.get $length) (local.get $crc))
      (i32.const -1)))

  ;; Batches of magic 2 from $at on that lie before $end and start before $startsBefore, touch, join without a gap from
  ;; the offset $upper:$lower on, are of one leader epoch, hold a record for each offset and no more than $room, and have
  ;; none of the attributes in $odd; each proven by its CRC. At most $most. Returns how many; what is different ends it.
  ;; At $target, 16 bytes: where they end, where the last one starts, all of their attributes, whether one has a producer.
  ;; Behind that three numbers for each: size, last offset counted from $relative on, maxTimestamp; all of them exact.
  (func (export "takeBatches")
    (param $at i32) (param $end i32) (param $startsBefore i32) (param $upper i32) (param $lower i32) (param $epoch i32)
    (param $room f64) (param $odd i32) (param $relative f64) (param $target i32) (param $most i32) (result i32)
    (local $framing v128) (local $guarded v128) (local $times v128) (local $size i32) (local $count i32)
    (local $attributes i32) (local $timestampUpper i32) (local $last i32) (local $seen i32) (local $producers i32)
    (local $taken i32) (local $numbers i32)
    (local.set $numbers (i32.add (local.get $target) (i32.const 16)))
    (local.set $last (local.get $at))
    (block $done
      (loop $batch
        (br_if $done (i32.ge_u (local.get $taken) (local.get $most)))
        (br_if $done (i32.ge_u (local.get $at) (local.get $startsBefore)))
        (br_if $done (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 61)))
        ;; baseOffset in two halves, batchLength, partitionLeaderEpoch; from big-endian.
        (local.set $framing
          (i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12
            (v128.load align=1 (local.get $at)) (v128.const i64x2 0 0)))
        (local.set $size (i32.add (i32x4.extract_lane 2 (local.get $framing)) (i32.const 12)))
        (br_if $done (i32.lt_s (local.get $size) (i32.const 61)))
        (br_if $done (i32.gt_u (local.get $size) (i32.sub (local.get $end) (local.get $at))))
        (br_if $done (i32.ne (i32x4.extract_lane 0 (local.get $framing)) (local.get $upper)))
        (br_if $done (i32.ne (i32x4.extract_lane 1 (local.get $framing)) (local.get $lower)))
        (br_if $done (i32.ne (i32x4.extract_lane 3 (local.get $framing)) (local.get $epoch)))
        ;; crc, lastOffsetDelta, attributes, magic.
        (local.set $guarded
          (i8x16.shuffle 4 3 2 1 10 9 8 7 6 5 16 16 0 16 16 16
            (v128.load offset=16 align=1 (local.get $at)) (v128.const i64x2 0 0)))
        (br_if $done (i32.ne (i32x4.extract_lane 3 (local.get $guarded)) (i32.const 2)))
        (local.set $attributes (i32x4.extract_lane 2 (local.get $guarded)))
        (br_if $done (i32.and (local.get $attributes) (local.get $odd)))
        (br_if $done (i32.gt_u (i32.and (local.get $attributes) (i32.const 7)) (i32.const 4)))
        (local.set $count (i32.load offset=57 align=1 (local.get $at)))
        (local.set $count
          (i32.or
            (i32.and (i32.rotl (local.get $count) (i32.const 8)) (i32.const 0x00ff00ff))
            (i32.and (i32.rotr (local.get $count) (i32.const 8)) (i32.const 0xff00ff00))))
        (br_if $done (i32.le_s (local.get $count) (i32.const 0)))
        (br_if $done (f64.gt (f64.convert_i32_s (local.get $count)) (local.get $room)))
        (br_if $done
          (i32.ne
            (i32x4.extract_lane 1 (local.get $guarded))
            (i32.sub (local.get $count) (i32.const 1))))
        ;; maxTimestamp, producerId.
        (local.set $times
          (i8x16.shuffle 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8
            (v128.load offset=35 align=1 (local.get $at)) (v128.const i64x2 0 0)))
        (local.set $timestampUpper (i32x4.extract_lane 1 (local.get $times)))
        ;; Beyond that no double is sure to be exact.
        (br_if $done (i32.gt_s (local.get $timestampUpper) (i32.const 0x1fffff)))
        (br_if $done (i32.lt_s (local.get $timestampUpper) (i32.const -0x1fffff)))
        (br_if $done
          (i32.ne
            (call $crc32c
              (i32.add (local.get $at) (i32.const 21))
              (i32.sub (local.get $size) (i32.const 21))
              (i32.const 0))
            (i32x4.extract_lane 0 (local.get $guarded))))
        (local.set $producers
          (i32.or
            (local.get $producers)
            (i64.ne (i64x2.extract_lane 1 (local.get $times)) (i64.const -1))))
        (local.set $seen (i32.or (local.get $seen) (local.get $attributes)))
        (local.set $relative (f64.add (local.get $relative) (f64.convert_i32_s (local.get $count))))
        (local.set $room (f64.sub (local.get $room) (f64.convert_i32_s (local.get $count))))
        (f64.store (local.get $numbers) (f64.convert_i32_u (local.get $size)))
        (f64.store offset=8 (local.get $numbers) (local.get $relative))
        (f64.store offset=16 (local.get $numbers)
          (f64.convert_i64_s (i64x2.extract_lane 0 (local.get $times))))
        (local.set $numbers (i32.add (local.get $numbers) (i32.const 24)))
        (local.set $lower (i32.add (local.get $lower) (local.get $count)))
        (local.set $upper
          (i32.add (local.get $upper) (i32.lt_u (local.get $lower) (local.get $count))))
        (local.set $taken (i32.add (local.get $taken) (i32.const 1)))
        (local.set $last (local.get $at))
        (local.set $at (i32.add (local.get $at) (local.get $size)))
        (br $batch)))
    (i32.store (local.get $target) (local.get $at))
    (i32.store offset=4 (local.get $target) (local.get $last))
    (i32.store offset=8 (local.get $target) (local.get $seen))
    (i32.store offset=12 (local.get $target) (local.get $producers))
    (local.get $taken))

  ;; The first place in [$at, $end) where magic, the highest byte of the length, and the attributes could be a batch's;
  ;; $end when there is none. Coarse: it lets through whatever the rules do, and some more. Up to 39 bytes behind $end
  ;; are read.
  (func (export "findPlace") (param $at i32) (param $end i32) (param $highestLengthByte i32) (result i32)
    (local $magic v128) (local $length v128) (local $few v128) (local $highest v128) (local $possible v128)
    (local $places i32)
    (local.set $highest (i8x16.splat (local.get $highestLengthByte)))
    (block $done
      (loop $step
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $magic (v128.load offset=16 align=1 (local.get $at)))
        (local.set $length (v128.load offset=8 align=1 (local.get $at)))
        (local.set $possible
          (v128.and
            (i8x16.le_u (local.get $magic) (i8x16.splat (i32.const 2)))
            (i8x16.le_u (local.get $length) (local.get $highest))))
        ;; In most bytes nothing is left to be looked at here.
        (if (v128.any_true (local.get $possible))
          (then
            (local.set $few
              (v128.or
                (v128.or (local.get $length) (v128.load offset=9 align=1 (local.get $at)))
                (v128.load offset=10 align=1 (local.get $at))))
            (local.set $places
              (i8x16.bitmask
                (v128.and
                  (local.get $possible)
                  (v128.and
                    ;; A length of at least 14.
                    (v128.or
                      (i8x16.ne (local.get $few) (v128.const i64x2 0 0))
                      (i8x16.ge_u (v128.load offset=11 align=1 (local.get $at)) (i8x16.splat (i32.const 14))))
                    ;; Magic 2: two bytes of attributes, the lowest seven bits of them in use. Before: one, four bits.
                    (v128.bitselect
                      (v128.and
                        (i8x16.eq (v128.load offset=21 align=1 (local.get $at)) (v128.const i64x2 0 0))
                        (i8x16.ge_s (v128.load offset=22 align=1 (local.get $at)) (v128.const i64x2 0 0)))
                      (i8x16.le_u (v128.load offset=17 align=1 (local.get $at)) (i8x16.splat (i32.const 15)))
                      (i8x16.eq (local.get $magic) (i8x16.splat (i32.const 2))))))))
            (if (local.get $places)
              (then
                (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $places))))
                (return (select (local.get $at) (local.get $end) (i32.lt_u (local.get $at) (local.get $end))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $step)))
    (local.get $end))

  ;; The first place in [$at, $end) where the fields under a magic-2 header's CRC could be a batch's, judged by the
  ;; highest byte of each, and CRC or recordsCount are not 0; $end when there is none. As coarse as the one above. Up to
  ;; 90 bytes behind $end are read.
  (func (export "findFields") (param $at i32) (param $end i32) (result i32)
    (local $possible v128) (local $delta v128) (local $places i32)
    (block $done
      (loop $step
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $possible
          (i8x16.eq (v128.load offset=21 align=1 (local.get $at)) (v128.const i64x2 0 0)))
        (if (v128.any_true (local.get $possible))
          (then
            (local.set $delta (v128.load offset=23 align=1 (local.get $at)))
            (local.set $places
              (i8x16.bitmask
                (v128.and
                  (v128.and
                    (v128.and
                      (local.get $possible)
                      (i8x16.ge_s (v128.load offset=22 align=1 (local.get $at)) (v128.const i64x2 0 0)))
                    ;; 0 <= recordsCount <= lastOffsetDelta + 1
                    (v128.and
                      (i8x16.ge_s (local.get $delta) (v128.const i64x2 0 0))
                      (i8x16.le_u
                        (v128.load offset=57 align=1 (local.get $at))
                        (i8x16.add (local.get $delta) (i8x16.splat (i32.const 1))))))
                  (v128.and
                    ;; producerId, producerEpoch and baseSequence are at least -1.
                    (v128.and
                      (i8x16.ge_s (v128.load offset=43 align=1 (local.get $at)) (i8x16.splat (i32.const -1)))
                      (v128.and
                        (i8x16.ge_s (v128.load offset=51 align=1 (local.get $at)) (i8x16.splat (i32.const -1)))
                        (i8x16.ge_s (v128.load offset=53 align=1 (local.get $at)) (i8x16.splat (i32.const -1)))))
                    (i8x16.ne
                      (v128.or
                        (v128.or
                          (v128.or (v128.load offset=17 align=1 (local.get $at)) (v128.load offset=18 align=1 (local.get $at)))
                          (v128.or (v128.load offset=19 align=1 (local.get $at)) (v128.load offset=20 align=1 (local.get $at))))
                        (v128.or
                          (v128.or (v128.load offset=57 align=1 (local.get $at)) (v128.load offset=58 align=1 (local.get $at)))
                          (v128.or (v128.load offset=59 align=1 (local.get $at)) (v128.load offset=60 align=1 (local.get $at)))))
                      (v128.const i64x2 0 0))))))
            (if (local.get $places)
              (then
                (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $places))))
                (return (select (local.get $at) (local.get $end) (i32.lt_u (local.get $at) (local.get $end))))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $step)))
    (local.get $end)))
