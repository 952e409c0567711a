import { describe, expect, test } from 'vitest';
import { UserError } from '../../server/src/errors/user-error.ts';
import { parseRemoteAddress } from '../../server/src/remote/api/remote-address.ts';

function refusal(text: string): string {
  try {
    parseRemoteAddress(text);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'no error';
}

describe('an address', () => {
  test.each([
    ['grpc://host:8980', 'grpc://host:8980', 'dns:host:8980', false, ''],
    ['grpcs://host', 'grpcs://host:443', 'dns:host:443', true, ''],
    ['grpc://host', 'grpc://host:80', 'dns:host:80', false, ''],
    ['http://host', 'grpc://host:80', 'dns:host:80', false, ''],
    ['https://host:443/main', 'grpcs://host:443/main', 'dns:host:443', true, 'main'],
    ['https://HOST.example:1/', 'grpcs://host.example:1', 'dns:host.example:1', true, ''],
    ['grpc://host:1/a/b%20c/', 'grpc://host:1/a/b c', 'dns:host:1', false, 'a/b c'],
    ['grpc://[::1]:50051/x', 'grpc://[::1]:50051/x', 'dns:[::1]:50051', false, 'x'],
    ['https://[2001:DB8::1]', 'grpcs://[2001:db8::1]:443', 'dns:[2001:db8::1]:443', true, ''],
    ['grpc://unix:1', 'grpc://unix:1', 'dns:unix:1', false, ''],
  ])('%s', (text, shown, target, isSecure, instance) => {
    expect(parseRemoteAddress(text)).toEqual({ shown, target, isSecure, instance });
  });

  test.each(['grpcs://user:s3cret@host/', 'grpc://s3cret@host', 'https://:s3cret@host'])(
    'with a user or a password is refused, and the password is not shown: %s',
    (text) => {
      expect(refusal(text)).toMatch(/^The address of --remote must not have a user or password/);
      expect(refusal(text)).not.toContain('s3cret');
    },
  );

  test.each([
    '',
    'host',
    'host:8980',
    'ftp://host',
    'grpc://',
    'grpc:///path',
    'grpc://host:port',
    'grpc://host:99999',
    'grpc://[::1',
    'grpc://host/%zz',
    'grpc://host/%ff',
    'unix:/run/socket',
  ])('that is none is named in one sentence: %j', (text) => {
    expect(refusal(text)).toBe(
      `${text} is no address of a server: give one such as grpcs://HOST:PORT/INSTANCE.`,
    );
  });

  test.each([
    'ftp://u:s3cret@host',
    'grpcs://host/?token=s3cret',
    'grpcs://host/#s3cret',
    'u:s3cret@host:1:2',
  ])('that is none and may have a secret in it is not shown: %s', (text) => {
    expect(refusal(text)).toBe(
      'The address is no address of a server: give one such as grpcs://HOST:PORT/INSTANCE.',
    );
  });
});
