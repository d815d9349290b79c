/** Who holds a call: each side for itself. */
export interface Held {
  readonly byUs: boolean;
  readonly byThem: boolean;
}

export type HoldEvent =
  | { readonly kind: 'hold-asked' }
  | { readonly kind: 'resume-asked' }
  /** The node's word, which counts. */
  | { readonly kind: 'held'; readonly held: Held }
  | { readonly kind: 'hold-refused'; readonly action: 'call.hold' | 'call.resume' };

export interface HoldStep {
  readonly held: Held;
  readonly command?: { readonly action: 'call.hold' | 'call.resume' };
}

export const NOBODY: Held = { byUs: false, byThem: false };

/** Our own hold shows at once; the node is told behind it. */
export function stepHold(held: Held, event: HoldEvent): HoldStep {
  switch (event.kind) {
    case 'hold-asked':
      if (held.byUs) return { held };
      return { held: { ...held, byUs: true }, command: { action: 'call.hold' } };
    case 'resume-asked':
      if (!held.byUs) return { held };
      return { held: { ...held, byUs: false }, command: { action: 'call.resume' } };
    case 'held':
      return { held: event.held };
    case 'hold-refused':
      return { held: { ...held, byUs: event.action === 'call.resume' } };
  }
}

export const isSameHold = (a: Held, b: Held): boolean => a.byUs === b.byUs && a.byThem === b.byThem;
