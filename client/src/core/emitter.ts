type Listener<Payload> = (payload: Payload) => void;

export interface Emitter<Events extends object> {
  /** Listens; the returned function stops listening. */
  readonly on: <Name extends keyof Events>(
    name: Name,
    listener: Listener<Events[Name]>,
  ) => () => void;
  readonly emit: <Name extends keyof Events>(name: Name, payload: Events[Name]) => void;
}

export function createEmitter<Events extends object>(): Emitter<Events> {
  const listeners: { [Name in keyof Events]?: Set<Listener<Events[Name]>> } = {};
  return {
    on(name, listener) {
      const those = listeners[name] ?? new Set();
      listeners[name] = those;
      those.add(listener);
      return () => those.delete(listener);
    },
    emit(name, payload) {
      for (const listener of [...(listeners[name] ?? [])]) listener(payload);
    },
  };
}
