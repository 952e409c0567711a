import type { ConnectEvent, ExecEvent, NamedPath } from './event.ts';

/** The paths that an execution or a connection names: its own, those of interpreters and of the loader, and what links lead to. */
export function listEventPaths(event: ExecEvent | ConnectEvent): string[] {
  const named: NamedPath[] =
    event.kind === 'exec'
      ? [event, ...event.interpreters, ...(event.loader === undefined ? [] : [event.loader])]
      : event.family === 'unix'
        ? [event]
        : [];
  return named.flatMap(({ path, hops }) => [path, ...hops]);
}
