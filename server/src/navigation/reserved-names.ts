import { findCommand, findPhase, findVariable } from '../language/vocabulary.ts';
import type { Word } from '../language/words/word.ts';

/** Variables beside those of PMS that Portage or bash sets or reads (make.conf(5), bash(1)). */
const VARIABLES = new Set(
  `DEFINED_PHASES FEATURES IUSE_EFFECTIVE PATH PORTAGE_BIN_PATH
  ABI ARCH AR AS BUILD_CC BUILD_CFLAGS BUILD_CXX CC CPP CXX ELIBC F77 FC FCFLAGS FFLAGS
  KERNEL LD NM OBJCOPY OBJDUMP PKG_CONFIG RANLIB READELF RUSTFLAGS STRIP USERLAND
  BASHPID BASH_REMATCH BASH_SOURCE BASH_VERSINFO EUID FUNCNAME HOSTNAME IFS LANG LC_ALL LINENO OPTARG OPTIND PIPESTATUS PWD RANDOM
  REPLY SECONDS SHELL UID`.match(/\S+/g) ?? [],
);

/** Whether a word of PMS still exists in new EAPIs: the names of others are free. */
const isAlive = (word: Word | undefined): boolean => word !== undefined && word.until === undefined;

/** The reason why the package manager gives this variable its meaning, as a sentence; undefined if it does not. */
export function explainReservedVariable(name: string): string | undefined {
  return VARIABLES.has(name) || isAlive(findVariable(name))
    ? `The package manager gives ${name} its meaning, so it cannot have another name.`
    : undefined;
}

/** The reason why the package manager calls this function by its name, as a sentence; undefined if it does not. */
export function explainReservedFunction(name: string): string | undefined {
  return isAlive(findPhase(name) ?? findCommand(name))
    ? `The package manager calls ${name} by this name, so it cannot have another one.`
    : undefined;
}
