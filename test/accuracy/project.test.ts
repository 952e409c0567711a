import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readProjects } from '../../accuracy/project.ts';

const OVERLAY = 'accuracy/overlay';
const projects = readProjects('projects');
const short = readProjects('short-projects');

describe('the list of projects', () => {
  test('has each project once, by its name', () => {
    const names = projects.map(({ name }) => name.toLowerCase());
    expect(names).toEqual([...new Set(names)].sort());
  });
  test('has an ebuild for each project, and a project for each ebuild', () => {
    const listed = [...projects, ...short].map(({ ebuild }) => ebuild);
    for (const ebuild of listed) expect(existsSync(join(OVERLAY, ebuild)), ebuild).toBe(true);
    const there = readdirSync(OVERLAY, { recursive: true, encoding: 'utf8' });
    expect(there.filter((path) => path.endsWith('.ebuild')).sort()).toEqual(listed.sort());
  });
  test('has no archive under two names', () => {
    const sources = projects.flatMap(({ source, more = [] }) => [...(source ? [source] : []), ...more]);
    const distfiles = sources.map((one) => ('crate' in one ? `${one.crate}.crate` : one.distfile));
    expect(distfiles).toEqual([...new Set(distfiles)]);
  });
});
