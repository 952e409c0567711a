import { expect, test } from 'vitest';
import { readPerlModules } from '../../server/src/image/named/perl-modules.ts';
import { readEntryPoints, readPythonImports } from '../../server/src/image/named/python-imports.ts';
import { readQmlImports } from '../../server/src/image/named/qml-imports.ts';
import { readRubyRequires } from '../../server/src/image/named/ruby-requires.ts';
import { readShellCommands } from '../../server/src/image/named/shell-commands.ts';
import type { SourceFile } from '../../server/src/image/named/source-file.ts';
import { readGirIncludes, readTypelibDependencies } from '../../server/src/image/named/typelib-file.ts';

const wanted = ({ loads }: SourceFile) => loads.map((load) => load.wanted[0]);

test('a Python file imports what stands at its top level outside of strings, and nothing that may be left out', () => {
  const read = readPythonImports(
    `"""A text.
import in_a_text
"""
from __future__ import annotations
import os, sys; import toml as t
from a.b import (c,  # a remark
    d as e,
)
from . import own
import long.\\
name
try:
    import optional
except ImportError: pass
if x: import y; import z
def f():
    import inside
import gi
gi.require_version('Gtk', "3.0")
s = ''' it's
import in_another_text
''' + "import no"
x = 'a;import b'
from star import *
`,
    '/usr/lib/python3.11/site-packages/p/q.py',
  );
  expect(wanted(read)).toEqual(['__future__', 'os', 'sys', 'toml', 'a.b', '', 'gi', 'star']);
  expect(read.loads[4]?.places).toEqual(['a/b/c', 'a/b/d', 'a/b', 'a']);
  expect(read.loads[5]?.places).toEqual([
    '/usr/lib/python3.11/site-packages/p/own',
    '/usr/lib/python3.11/site-packages/p',
  ]);
  expect(read.namespaces).toEqual(['Gtk-3.0']);
});

test('the modules of console scripts are read, and other entry points are not', () => {
  const text = '[console_scripts]\nfoo = foo.cli:main\nbar=bar [extra]\n[pytest11]\nx = foo.plugin\n';
  expect(readEntryPoints(text)).toEqual(['foo.cli', 'bar']);
});

test('a Perl file uses what stands at the beginning of a line, outside of documentation, texts and string evals', () => {
  const text = `package Foo;
use strict; use 5.010;
use JSON::XS qw(encode);
use parent -norequire, 'Own';
use parent qw(Class::Base);
  use Indented;
require Late::Module;
my $t = <<"EOT" . <<'X';
use In::Text;
EOT
use In::X;
X
eval q{
use Only::If;
1 } or warn;
eval "use Quoted; 1";
use After;

=head1 NAME

use In::Pod;

=cut

use Last;
__END__
use Data;
`;
  expect(wanted(readPerlModules(text))).toEqual(['JSON::XS', 'Class::Base', 'Late::Module', 'After', 'Last']);
});

test('a Ruby file requires what stands outside of begin and if', () => {
  const text = `require 'json'
require "nokogiri/xml" # why
begin
require 'optional'
rescue LoadError
end
if x
  require 'y'
end
  require 'indented'
require_relative 'own/part'
require name
=begin
require 'comment'
=end
require 'last' if false
require('called')
__END__
require 'data'
`;
  expect(wanted(readRubyRequires(text, '/usr/bin/x'))).toEqual([
    'json',
    'nokogiri/xml',
    'own/part',
    'called',
  ]);
});

test('a shell script needs the commands that it always runs, and can do without those that it tests for', () => {
  const commands = readShellCommands(`#!/bin/sh
# a remark with remarked
set -e
list=(one two)
x=$(substituted -r . "$f")
y="$(quoted '.x' < file | piped)"
[ -x /usr/bin/tested ] && tested foo
if command -v asked >/dev/null 2>&1; then asked; fi
fallback a || true
hard b || exit 1
harder b || { echo; exit 1; }
cat <<EOT | behind-text
remarked text
EOT
main() {
  in-function
  for i in a b; do in-loop; done
}
case $1 in
  a|b) in-case ;;
  (c) in-case-too ;;
esac
FOO=1 with-variable x
echo 'said; not-run'
first && second
main "$@"
exec last "$@"
`);
  const of = (strength: string) =>
    commands
      .filter((command) => command.strength === strength)
      .map(({ name }) => name)
      .sort();
  expect(of('required')).toEqual([
    'behind-text',
    'cat',
    'echo',
    'first',
    'hard',
    'harder',
    'last',
    'piped',
    'quoted',
    'set',
    'substituted',
    'with-variable',
  ]);
  expect(of('optional')).toEqual(['asked', 'fallback', 'tested']);
  expect(of('possible')).toEqual([
    'exit',
    'in-case',
    'in-case-too',
    'in-function',
    'in-loop',
    'second',
    'true',
  ]);
});

test('a QML file imports modules at its beginning', () => {
  const text = `/* import Not.This 1.0
 */
pragma Singleton
import QtQuick 2.15
import QtQuick.Controls as C
import "own"
import org.kde.kirigami 2.20 // why
Item {
import No
}`;
  expect(readQmlImports(text)).toEqual(['QtQuick 2.15', 'QtQuick.Controls', 'org.kde.kirigami 2.20']);
});

/** The head of a typelib, of version 4.0, with the list of what it needs behind it. */
function writeTypelib(list: string, isLittle = true): Buffer {
  const bytes = Buffer.alloc(112 + list.length + 1);
  bytes.write('GOBJ\nMETADATA\r\n\x1a\x04', 'latin1');
  for (const [value, at] of [
    [112, 36],
    [bytes.length, 40],
  ] as const)
    isLittle ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  bytes.write(list, 112, 'latin1');
  return bytes;
}

test('a typelib needs the namespaces of its list, in both byte orders', () => {
  const read = (bytes: Buffer) =>
    readTypelibDependencies((offset, length) => bytes.subarray(offset, offset + length), bytes.length);
  for (const isLittle of [true, false])
    expect(read(writeTypelib('GLib-2.0|Gio-2.0|bad', isLittle))).toEqual(['GLib-2.0', 'Gio-2.0']);
  expect(read(writeTypelib(''))).toEqual([]);
  expect(
    read(
      Buffer.from(
        'no typelib, but a text that is as long as its head and a bit longer than that, for sure, of 112 bytes or more.',
      ),
    ),
  ).toBeUndefined();
});

test('a .gir file includes namespaces, and what is commented out is none', () => {
  const text = `<?xml version="1.0"?><repository>
<!-- <include name="Not" version="1.0"/> -->
<include name="Gio" version="2.0"/><include version='3.0' name='Gtk'/><c:include name="x.h"/></repository>`;
  expect(readGirIncludes(text)).toEqual(['Gio-2.0', 'Gtk-3.0']);
});
