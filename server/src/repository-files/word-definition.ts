import type { Knowledge } from '../audit/knowledge.ts';
import { type FilePlace, fileOfAtom } from '../navigation/definition.ts';
import { parseAtom } from '../pms/atom.ts';
import type { FileWord } from './file-word.ts';
import type { FileSubject } from './word-description.ts';

/**
 * Finds where a word of a file of a repository leads: the newest ebuild that satisfies an atom, the ebuilds that have a flag, an eclass, the
 * file of a line of a Manifest. Every other place of an md5-cache entry leads to its ebuild.
 */
export function defineFileWord(subject: FileSubject, word: FileWord | undefined): readonly FilePlace[] {
  const { file, knowledge } = subject;
  if (knowledge === undefined) return [];
  const found = word === undefined ? [] : filesOf(subject, word, knowledge);
  const files = found.length === 0 && file.kind === 'cache' ? ebuildsOf(file, knowledge) : found;
  return files.map((path) => ({ file: path, line: 0, character: 0 }));
}

function filesOf({ file, text }: FileSubject, word: FileWord, knowledge: Knowledge): readonly string[] {
  switch (word.kind) {
    case 'package': {
      const written = text.slice(word.start, word.end).replace(/^[-*!]+/, '');
      const { atom } = parseAtom(written);
      const plain = parseAtom(`${word.package.category}/${word.package.name}`).atom;
      const wanted = atom ?? plain;
      const path = wanted && fileOfAtom(wanted, knowledge);
      return path === undefined ? [] : [path];
    }
    case 'flag': {
      if (word.of === undefined) return [];
      const { category, name } = word.of;
      const described =
        file.kind === 'metadata' ? undefined : knowledge.packageFile(category, name, 'metadata.xml');
      if (described !== undefined) return [described];
      return knowledge
        .offered(category, name)
        .filter(({ iuse }) => iuse?.includes(word.name))
        .flatMap((offered) => knowledge.ebuildFile(offered) ?? []);
    }
    case 'eclass':
      return [...knowledge.eclassSources([word.name])]
        .filter(({ name }) => name === word.name)
        .map((source) => source.file);
    case 'file': {
      if (file.kind !== 'manifest') return [];
      const path = knowledge.packageFile(file.owner.category, file.owner.name, word.path);
      return path === undefined ? [] : [path];
    }
    default:
      return [];
  }
}

function ebuildsOf(
  { owner, version }: Extract<FileSubject['file'], { kind: 'cache' }>,
  knowledge: Knowledge,
): readonly string[] {
  return knowledge
    .offered(owner.category, owner.name)
    .filter((offered) => offered.version === version)
    .flatMap((offered) => knowledge.ebuildFile(offered) ?? [])
    .slice(0, 1);
}
