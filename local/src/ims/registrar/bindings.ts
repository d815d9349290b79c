import type { Clock } from '../clock.ts';
import type { Deregistration, ImsSubscriber } from '../ims-types.ts';
import { randomToken } from '../sip/tokens.ts';
import type { Flow } from '../transport/flow.ts';

/** One registered contact. Its id stands in Service-Route and Record-Route and survives refreshes. */
export interface Binding {
  readonly id: string;
  readonly key: string;
  readonly subscriber: ImsSubscriber;
  /** The identity that was registered. */
  readonly impu: string;
  readonly contactUri: string;
  readonly contactParams: string;
  readonly flow: Flow;
  readonly expiresAtMs: number;
}

export interface NewBinding {
  readonly key: string;
  readonly subscriber: ImsSubscriber;
  readonly impu: string;
  readonly contactUri: string;
  readonly contactParams: string;
  readonly flow: Flow;
  readonly lifeMs: number;
}

/** RFC 3680 §4.7.1; `forgotten` is what nobody is to hear of. */
export type BindingEvent =
  | 'registered'
  | 'refreshed'
  | 'shortened'
  | 'forgotten'
  | Deregistration['event'];

export interface Change {
  readonly binding: Binding;
  readonly event: BindingEvent;
  readonly retryAfterS?: number;
}

export interface Bindings {
  put(binding: NewBinding): Binding;
  remove(impi: string, which?: { readonly key?: string | undefined }): void;
  /** Ended by the network: all of them at once, for a reason. */
  end(impi: string, why: Omit<Change, 'binding'>): void;
  /** What becomes of the contacts of one subscriber, as it happens. */
  watch(onChange: (changes: readonly Change[]) => void): void;
  removeFlow(flow: Flow): void;
  of(impi: string): readonly Binding[];
  onFlow(flow: Flow): readonly Binding[];
  byId(id: string): Binding | undefined;
  /** Where a dialog's end is now; known for a while after the registration ended. */
  flowOf(id: string): Flow | undefined;
  all(): readonly Binding[];
}

const DIALOG_GRACE_MS = 600_000;

export function createBindings(clock: Clock): Bindings {
  return new BindingTable(clock);
}

class BindingTable implements Bindings {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Binding>();
  readonly #flows = new Map<string, Flow>();
  readonly #stops = new Map<string, () => void>();
  #onChange: (changes: readonly Change[]) => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put({ lifeMs, ...rest }: NewBinding): Binding {
    const old = this.of(rest.subscriber.impi).find(({ key }) => key === rest.key);
    const id = old?.id ?? randomToken();
    const binding = { ...rest, id, expiresAtMs: this.#clock.nowMs() + lifeMs };
    this.#byId.set(id, binding);
    this.#flows.set(id, rest.flow);
    this.#arm(id, lifeMs, () => {
      this.#ended([binding], { event: 'expired' });
    });
    this.#onChange([{ binding, event: old === undefined ? 'registered' : 'refreshed' }]);
    return binding;
  }

  remove(impi: string, { key }: { readonly key?: string | undefined } = {}): void {
    const meant = this.of(impi).filter((it) => key === undefined || it.key === key);
    this.#ended(meant, { event: 'unregistered' });
  }

  end(impi: string, why: Omit<Change, 'binding'>): void {
    this.#ended(this.of(impi), why);
  }

  removeFlow(flow: Flow): void {
    for (const binding of this.onFlow(flow)) this.#ended([binding], { event: 'deactivated' });
  }

  watch(onChange: (changes: readonly Change[]) => void): void {
    this.#onChange = onChange;
  }

  of(impi: string): readonly Binding[] {
    return this.all().filter(({ subscriber }) => subscriber.impi === impi);
  }

  onFlow(flow: Flow): readonly Binding[] {
    return this.all().filter((binding) => binding.flow.id === flow.id);
  }

  byId(id: string): Binding | undefined {
    return this.#byId.get(id);
  }

  flowOf(id: string): Flow | undefined {
    return this.#flows.get(id);
  }

  all(): readonly Binding[] {
    return [...this.#byId.values()];
  }

  #ended(bindings: readonly Binding[], why: Omit<Change, 'binding'>): void {
    for (const { id } of bindings) this.#drop(id);
    if (bindings.length > 0) this.#onChange(bindings.map((binding) => ({ ...why, binding })));
  }

  #drop(id: string): void {
    this.#byId.delete(id);
    this.#arm(id, DIALOG_GRACE_MS, () => {
      this.#flows.delete(id);
      this.#stops.delete(id);
    });
  }

  #arm(id: string, ms: number, task: () => void): void {
    this.#stops.get(id)?.();
    this.#stops.set(id, this.#clock.after(ms, task));
  }
}
