//! Interfaces that components by hand import, and things of their own. Each brings core functions for the component's
//! code; memory `$low` and function `$room` are there before them. Not for: what is called how.

use super::Api;

/// Lines for the log: `$write`.
pub const LOG: Api = Api {
    imports: r#"
  (import "parcae:component/log@0.1.0" (instance $log
    (type $l0 (enum "debug" "info" "warning" "error")) (export "level" (type $l (eq $l0)))
    (export "write" (func (param "level" $l) (param "message" string)))))
  (alias export $log "write" (func $write0))
  (core func $write (canon lower (func $write0) (memory $low) (realloc $room)))"#,
    functions: &[("write", "(param i32 i32 i32)")],
};

/// A resource of the node that is made without more ado: `$blinder`, `$blinder-drop`.
pub const BLINDER: Api = Api {
    imports: r#"
  (import "parcae:component/psi@0.1.0" (instance $psi
    (type $g0 (enum "ristretto255" "modp2048" "modp3072" "modp4096")) (export "group" (type $g (eq $g0)))
    (export "blinder" (type $b (sub resource)))
    (export "[constructor]blinder" (func (param "group" $g) (result (own $b))))))
  (alias export $psi "blinder" (type $blinder))
  (alias export $psi "[constructor]blinder" (func $blinder0))
  (core func $blinder (canon lower (func $blinder0)))
  (core func $blinder-drop (canon resource.drop $blinder))"#,
    functions: &[("blinder", "(param i32) (result i32)"), ("blinder-drop", "(param i32)")],
};

/// An answer with texts and lists: `$context`.
pub const CONTEXT: Api = Api {
    imports: r#"
  (import "parcae:component/types@0.1.0" (instance $types
    (type $r0 (enum "guest" "host" "arbiter" "local")) (export "role" (type $r (eq $r0)))
    (type $p0 (record (field "role" $r) (field "id" u64))) (export "party" (type $p (eq $p0)))))
  (alias export $types "party" (type $party))
  (import "parcae:component/context@0.1.0" (instance $context
    (alias outer 1 $party (type $p0)) (export "party" (type $p (eq $p0)))
    (type $t0 (record (field "job" string) (field "component" string) (field "attempt" u32) (field "self" $p)
      (field "parties" (list $p)) (field "parameters" string) (field "seed" u64)))
    (export "task" (type $t (eq $t0)))
    (export "get" (func (result $t)))))
  (alias export $context "get" (func $context0))
  (core func $context (canon lower (func $context0) (memory $low) (realloc $room)))"#,
    functions: &[("context", "(param i32)")],
};

/// Tables being written: `$create`, `$append`, `$writer-drop`.
pub const TABLES: Api = Api {
    imports: r#"
  (import "parcae:component/types@0.1.0" (instance $types
    (type $l0 (record (field "name" string) (field "message" string))) (export "limit-reached" (type $l (eq $l0)))
    (type $e0 (variant (case "invalid" string) (case "not-found" string) (case "exists" string) (case "limit" $l)
      (case "denied" string) (case "peer" string) (case "deadline" string) (case "canceled") (case "node" string)))
    (export "error" (type $e (eq $e0)))))
  (alias export $types "error" (type $error))
  (import "parcae:component/tables@0.1.0" (instance $tables
    (alias outer 1 $error (type $e0)) (export "error" (type $e (eq $e0)))
    (type $d0 (enum "text" "float64" "int64" "boolean")) (export "data-type" (type $d (eq $d0)))
    (type $m0 (enum "id" "match-id" "label" "weight" "feature" "raw" "other")) (export "meaning" (type $m (eq $m0)))
    (type $c0 (record (field "name" string) (field "data-type" $d) (field "meaning" $m)))
    (export "column-definition" (type $c (eq $c0)))
    (type $s0 (record (field "columns" (list $c)) (field "extra" string))) (export "schema" (type $s (eq $s0)))
    (type $t0 (record (field "offsets" (list u32)) (field "bytes" (list u8)))) (export "texts" (type $t (eq $t0)))
    (type $v0 (variant (case "text" $t) (case "float64" (list f64)) (case "int64" (list s64))
      (case "boolean" (list u8))))
    (export "values" (type $v (eq $v0)))
    (type $k0 (record (field "validity" (option (list u8))) (field "values" $v))) (export "column" (type $k (eq $k0)))
    (type $p0 (record (field "rows" u32) (field "columns" (list $k)))) (export "page" (type $p (eq $p0)))
    (export "writer" (type $w (sub resource)))
    (export "[method]writer.append" (func (param "self" (borrow $w)) (param "page" $p) (result (result (error $e)))))
    (export "create" (func (param "port" string) (param "schema" $s) (param "partitions" u32)
      (result (result (own $w) (error $e)))))))
  (alias export $tables "writer" (type $writer))
  (alias export $tables "create" (func $create0))
  (alias export $tables "[method]writer.append" (func $append0))
  (core func $create (canon lower (func $create0) (memory $low) (realloc $room)))
  (core func $append (canon lower (func $append0) (memory $low) (realloc $room)))
  (core func $writer-drop (canon resource.drop $writer))"#,
    functions: &[
        ("create", "(param i32 i32 i32 i32 i32 i32 i32 i32)"),
        ("append", "(param i32 i32 i32 i32 i32)"),
        ("writer-drop", "(param i32)"),
    ],
};

/// Waiting: `$alarm`, `$alarm-drop`, `$block`, `$poll`.
pub const CLOCK: Api = Api {
    imports: r#"
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))
    (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $q0)) (export "pollable" (type $q (eq $q0)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))
  (alias export $poll "[method]pollable.block" (func $block0))
  (alias export $poll "poll" (func $poll0))
  (alias export $clock "subscribe-duration" (func $alarm0))
  (core func $block (canon lower (func $block0)))
  (core func $poll (canon lower (func $poll0) (memory $low) (realloc $room)))
  (core func $alarm (canon lower (func $alarm0)))
  (core func $alarm-drop (canon resource.drop $pollable))"#,
    functions: &[
        ("block", "(param i32)"),
        ("poll", "(param i32 i32 i32)"),
        ("alarm", "(param i64) (result i32)"),
        ("alarm-drop", "(param i32)"),
    ],
};

/// The end of the process: `$exit`.
pub const EXIT: Api = Api {
    imports: r#"
  (import "wasi:cli/exit@0.2.0" (instance $exit (export "exit" (func (param "status" (result))))))
  (alias export $exit "exit" (func $exit0))
  (core func $exit (canon lower (func $exit0)))"#,
    functions: &[("exit", "(param i32)")],
};

/// Standard output: `$stdout`, `$print`, `$zeroes`.
pub const STDOUT: Api = Api {
    imports: r#"
  (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type (sub resource)))))
  (alias export $errors "error" (type $error))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (alias outer 1 $error (type $e0)) (export "error" (type $e (eq $e0)))
    (type $s0 (variant (case "last-operation-failed" (own $e)) (case "closed")))
    (export "stream-error" (type $s (eq $s0)))
    (export "output-stream" (type $o (sub resource)))
    (export "[method]output-stream.write" (func (param "self" (borrow $o)) (param "contents" (list u8))
      (result (result (error $s)))))
    (export "[method]output-stream.write-zeroes" (func (param "self" (borrow $o)) (param "len" u64)
      (result (result (error $s)))))))
  (alias export $streams "output-stream" (type $stream))
  (import "wasi:cli/stdout@0.2.0" (instance $out
    (alias outer 1 $stream (type $o0)) (export "output-stream" (type $o (eq $o0)))
    (export "get-stdout" (func (result (own $o))))))
  (alias export $streams "[method]output-stream.write" (func $print0))
  (alias export $streams "[method]output-stream.write-zeroes" (func $zeroes0))
  (alias export $out "get-stdout" (func $stdout0))
  (core func $print (canon lower (func $print0) (memory $low)))
  (core func $zeroes (canon lower (func $zeroes0) (memory $low)))
  (core func $stdout (canon lower (func $stdout0)))"#,
    functions: &[("print", "(param i32 i32 i32 i32)"), ("zeroes", "(param i32 i64 i32)"), ("stdout", "(result i32)")],
};

/// Randomness: `$random`.
pub const RANDOM: Api = Api {
    imports: r#"
  (import "wasi:random/random@0.2.0" (instance $source
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (alias export $source "get-random-bytes" (func $random0))
  (core func $random (canon lower (func $random0) (memory $low) (realloc $room)))"#,
    functions: &[("random", "(param i64 i32)")],
};

/// A resource of the component's own, whose destructor traps: `$new`, `$end`.
pub const CRASHING: Api = Api {
    imports: r#"
  (core module $own (func (export "gone") (param i32) unreachable))
  (core instance $own (instantiate $own))
  (alias core export $own "gone" (core func $gone))
  (type $thing (resource (rep i32) (dtor (core func $gone))))
  (core func $new (canon resource.new $thing))
  (core func $end (canon resource.drop $thing))"#,
    functions: &[("new", "(param i32) (result i32)"), ("end", "(param i32)")],
};

/// The same, and the destructor never ends.
pub const ENDLESS: Api = Api {
    imports: r#"
  (core module $own (func (export "gone") (param i32) (loop $l (br $l))))
  (core instance $own (instantiate $own))
  (alias core export $own "gone" (core func $gone))
  (type $thing (resource (rep i32) (dtor (core func $gone))))
  (core func $new (canon resource.new $thing))
  (core func $end (canon resource.drop $thing))"#,
    functions: &[("new", "(param i32) (result i32)"), ("end", "(param i32)")],
};
