import protobuf from 'protobufjs/light.js';
import { MESSAGES, type Message, type MessageName } from './messages.ts';

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(MESSAGES).map(([name, fields]) => [name, { fields: describeFields(fields) }]),
  ),
});
const types = new Map<MessageName, protobuf.Type>();

function describeFields(fields: Readonly<Record<string, readonly [number, string, 'many'?]>>) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, [id, type, count]]) => [
      name,
      { id, type, ...(count === 'many' && { rule: 'repeated' }) },
    ]),
  );
}

function typeOf(name: MessageName): protobuf.Type {
  const known = types.get(name) ?? root.lookupType(name);
  types.set(name, known);
  return known;
}

/** Encodes a message: fields in the order of their numbers and none with its default, so that equal messages have equal bytes. */
export function encode<Name extends MessageName>(name: Name, message: Message<Name>): Buffer {
  return Buffer.from(typeOf(name).encode(withoutDefaults(message)).finish());
}

/** @throws an error if the bytes are no such message */
export function decode<Name extends MessageName>(name: Name, bytes: Uint8Array): Message<Name> {
  const type = typeOf(name);
  return type.toObject(type.decode(bytes), { longs: Number }) as Message<Name>;
}

function withoutDefaults(message: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(message)) {
    if (value === undefined || value === '' || value === 0 || value === false) continue;
    if (value instanceof Uint8Array) {
      if (value.length > 0) kept[key] = value;
    } else if (Array.isArray(value))
      kept[key] = value.map((inner) => (isMessage(inner) ? withoutDefaults(inner) : inner));
    else kept[key] = isMessage(value) ? withoutDefaults(value) : value;
  }
  return kept;
}

function isMessage(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
