import { afterAll, beforeAll, describe, expect } from 'vitest';
import { missingForTrials } from '../support/product.ts';
import { who } from '../support/user.ts';
import { can, type Host, openHost } from './host.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

describe.each(who)('the network, as %s', (as) => {
  can('listeners of this machine are out of reach', async () => {
    await host.expectHeld(
      as,
      `network-${as}`,
      {
        'TCP on loopback': '"${FILES}/reach" tcp "${HOSTILE_PORT}"',
        'TCP on loopback, by bash':
          'exec 3<>"/dev/tcp/127.0.0.1/${HOSTILE_PORT}" && echo hello >&3 && read -r -t 2 -n 7 answer <&3 && test "${answer}" = reached',
        'TCP on loopback of IPv6': 'test "${HOSTILE_PORT6}" = 0 || "${FILES}/reach" tcp6 "${HOSTILE_PORT6}"',
        'UDP on loopback': '"${FILES}/reach" udp "${HOSTILE_UDP}"',
        'an abstract socket': '"${FILES}/reach" abstract "${HOSTILE_MARK}"',
        'a socket in an open folder': '"${FILES}/reach" path-socket "${HOSTILE_SOCKET}"',
      },
      {
        'the socket by the root of a process': '"${FILES}/reach" path-socket "/proc/1/root${HOSTILE_SOCKET}"',
        'a name that DNS knows': 'getent hosts example.org || getent ahosts gentoo.org',
        'another interface than loopback': 'ls /sys/class/net || grep -v "lo:" /proc/net/dev | grep :',
        'a route': 'test "$(wc -l < /proc/net/route)" -gt 1',
        'the wire': '"${FILES}/reach" raw-socket',
        'the host of a virtual machine': '"${FILES}/reach" vsock',
        'ciphers of the kernel': '"${FILES}/reach" kernel-cipher',
        'services of the machine':
          'ls /run/dbus/system_bus_socket || ls /run/systemd/private || ls /run/docker.sock || ls /tmp/.X11-unix/* || ls /run/user/*',
        'the network namespace of the machine': 'nsenter -t 1 -n true',
      },
    );
    // The proof reaches other decoys.
    expect(host.decoys.reached).toEqual([]);
  });
});
