import { UserError } from '../../errors/user-error.ts';

/** The place of a server of the Remote Execution API. */
export interface RemoteAddress {
  /** As it is in messages: without secrets. */
  readonly shown: string;
  /** Host and port as gRPC takes them; with the scheme, as hosts such as `unix` and `dns` are taken for one otherwise. */
  readonly target: string;
  readonly isSecure: boolean;
  /** The name of the instance; empty for the server's only one. */
  readonly instance: string;
}

/** The schemes of Bazel, and those of BuildStream. */
const SECURE: Readonly<Record<string, boolean>> = {
  'grpc:': false,
  'grpcs:': true,
  'http:': false,
  'https:': true,
};

/**
 * Reads an address such as `grpcs://cluster.example:8980/main`; what follows the host is the name of the instance.
 *
 * @throws UserError if it is none
 */
export function parseRemoteAddress(text: string): RemoteAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw notAnAddress(text);
  }
  const isSecure = SECURE[url.protocol];
  if (isSecure === undefined || url.hostname === '' || url.search !== '' || url.hash !== '')
    throw notAnAddress(text);
  if (url.username !== '' || url.password !== '')
    throw new UserError(
      'The address of --remote must not have a user or password, which others could read: put a token into a file and name it with --remote-token.',
    );
  const port = url.port === '' ? (isSecure ? '443' : '80') : url.port;
  const instance = decodePercents(url.pathname.replace(/^\/|\/$/g, ''));
  if (instance === undefined) throw notAnAddress(text);
  const place = `${url.hostname}:${port}`;
  return {
    shown: `${isSecure ? 'grpcs' : 'grpc'}://${place}${instance === '' ? '' : `/${instance}`}`,
    target: `dns:${place}`,
    isSecure,
    instance,
  };
}

/** @returns undefined if the percent signs stand for no UTF-8 */
function decodePercents(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function notAnAddress(text: string): UserError {
  // An address may have a password in it, or a token.
  const shown = /[@?#]/.test(text) ? 'The address' : text;
  return new UserError(`${shown} is no address of a server: give one such as grpcs://HOST:PORT/INSTANCE.`);
}
