import type { Knowledge } from '../audit/knowledge.ts';
import type { Assignment } from '../ebuild/ebuild-facts.ts';
import { generatorCall } from '../ebuild/generator-call.ts';
import { readPartialAtom } from '../ebuild/partial-atom.ts';
import { parseDependency } from '../pms/dependency.ts';
import { nameInAtom } from '../pms/package-name.ts';
import { hasChildren, isItem } from '../pms/specification.ts';
import { findBugs } from './bug-links.ts';
import { fileOf, findFilesWords } from './files-word.ts';
import { createKnownValues, type KnownValues, wordExpander } from './known-text.ts';
import type { Link } from './link.ts';
import type { PlacedEbuild } from './read-ebuild.ts';
import { readValueNodes, type ValueNode } from './value-nodes.ts';

/** An editor shows the links of a whole text at once. */
const MOST_LINKS = 5000;
/** Each is looked for on the disk. */
const MOST_FILES = 200;

/**
 * The links of an ebuild: its bugs, HOMEPAGE and SRC_URI with the values that are known without bash, the pages of its packages, and the
 * files below FILESDIR. Addresses are only those of the web, whatever the text says.
 */
export function linksOf(placed: PlacedEbuild): Link[] {
  const { facts } = placed.ebuild;
  const values = createKnownValues(facts, placed.predefined);
  const links = [
    ...facts.assignments.flatMap((assignment) => linksOfValue(placed, values, assignment)),
    ...findBugs(facts.text),
    ...linkFiles(placed, values),
  ].sort((left, right) => left.start - right.start || right.end - left.end);
  let done = 0;
  const apart = links.filter(({ start, end }) => {
    if (start < done) return false;
    done = end;
    return true;
  });
  return apart.slice(0, MOST_LINKS);
}

function linkFiles(placed: PlacedEbuild, values: KnownValues): Link[] {
  const { facts } = placed.ebuild;
  const expand = wordExpander(values, Number.POSITIVE_INFINITY);
  return findFilesWords(facts.text, { start: 0, end: facts.text.length })
    .slice(0, MOST_FILES)
    .flatMap((word) => {
      const file = fileOf(placed, word, expand);
      return file === undefined ? [] : [{ start: word.start, end: word.end, file }];
    });
}

function linksOfValue(placed: PlacedEbuild, values: KnownValues, assignment: Assignment): Link[] {
  if (assignment.name === 'HOMEPAGE' || assignment.name.endsWith('URI'))
    return linkAddresses(placed, values, assignment);
  if (!/DEP(?:END|S)$/.test(assignment.name)) return [];
  return linkPackages(placed, readValueNodes(placed.ebuild.facts, assignment));
}

/** Characters of an address (RFC 3986). The host has no user name before it, which could look like another host. */
const ADDRESS = /^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:[/?#][\w\-.~:/?#[\]@!$&'()*+,;=%]*)?$/;
/** A word with its expansions, in which there may be spaces. */
const WORD = /(?:\$\([^()\n]{0,200}\)|\$\{[^{}\n]{0,200}\}|\S)+/g;
const MIRROR = /^mirror:\/\/([\w+.-]+)\/(.*)$/s;

function linkAddresses(
  { ebuild, knowledge, predefined }: PlacedEbuild,
  values: KnownValues,
  assignment: Assignment,
): Link[] {
  const { valueRange, quote, start, context } = assignment;
  if (quote !== 'double' && quote !== 'single') return [];
  // A live ebuild has the sources of releases in a branch that it does not take, and 9999 is no release.
  if (context === 'conditional' && predefined.PV?.includes('9999')) return [];
  const expand = wordExpander(values, start);
  const links: Link[] = [];
  const value = ebuild.facts.text.slice(valueRange.start, valueRange.end);
  for (const { index, 0: word } of value.matchAll(WORD)) {
    if (!word.includes(':') && !word.includes('$')) continue;
    const { text, isKnown } = quote === 'single' ? { text: word, isKnown: true } : expand(word);
    const address = isKnown ? toAddress(text, knowledge) : undefined;
    const from = valueRange.start + index;
    if (address !== undefined) links.push({ start: from, end: from + word.length, address });
  }
  return links;
}

/** The address of the web that a word of SRC_URI or HOMEPAGE means. */
function toAddress(word: string, knowledge: Knowledge | undefined): string | undefined {
  const uri = word.replace(/^(?:fetch|mirror)\+/, '');
  const [, mirror, path = ''] = MIRROR.exec(uri) ?? [];
  const base = mirror === undefined ? undefined : knowledge?.mirrors().get(mirror)?.find(isWebAddress);
  const address = base === undefined ? uri : `${base.replace(/\/$/, '')}/${path}`;
  return isWebAddress(address) ? address : undefined;
}

function isWebAddress(address: string): boolean {
  return ADDRESS.test(address);
}

/** Links each atom to the page of its package, if the package may be one of Gentoo's repository. */
function linkPackages(placed: PlacedEbuild, nodes: readonly ValueNode[]): Link[] {
  const { text } = placed.ebuild.facts;
  return nodes.flatMap((node): Link[] => {
    if (hasChildren(node)) return linkPackages(placed, node.children);
    const name = isItem(node) ? nameInAtom(node.text) : nameInPart(node);
    if (name !== undefined) {
      const start = text.indexOf(name, node.start);
      const isWritten = start >= 0 && start < node.end && isOfGentoo(placed.knowledge, name);
      return isWritten
        ? [{ start, end: start + name.length, address: `${PACKAGES}${encodeName(name)}` }]
        : [];
    }
    const call = node.kind === 'opaque' ? generatorCall(node.text) : undefined;
    return (call?.arguments ?? []).flatMap((argument) => {
      const [from, to] = [node.start + argument.start, node.start + argument.end];
      return linkPackages(placed, parseDependency(text.slice(from, to), from).nodes);
    });
  });
}

const PACKAGES = 'https://packages.gentoo.org/packages/';
const encodeName = (name: string): string => name.split('/').map(encodeURIComponent).join('/');

function nameInPart(node: ValueNode & { readonly text: string }): string | undefined {
  const atom = node.kind === 'opaque' ? readPartialAtom(node.text)?.atom : undefined;
  return atom && `${atom.category}/${atom.name}`;
}

/** False if the package is known to be in other repositories only, or nowhere. */
function isOfGentoo(knowledge: Knowledge | undefined, name: string): boolean {
  if (knowledge === undefined) return true;
  const slash = name.indexOf('/');
  const offered = knowledge.offered(name.slice(0, slash), name.slice(slash + 1));
  if (offered.length === 0) return knowledge.incomplete !== undefined;
  return offered.some(({ repository }) => repository === 'gentoo' || repository === '');
}
