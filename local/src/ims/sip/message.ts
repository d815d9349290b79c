export interface SipHeader {
  readonly name: string;
  readonly value: string;
}

export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly SipHeader[];
  readonly body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;

export const NO_BODY = new Uint8Array(0);

function isNamed(header: SipHeader, name: string): boolean {
  return header.name.toLowerCase() === name.toLowerCase();
}

export function firstHeader(message: SipMessage, name: string): string | undefined {
  return message.headers.find((header) => isNamed(header, name))?.value;
}

/** Comma lists were taken apart by the parser: one entry, one header. */
export function allHeaders(message: SipMessage, name: string): readonly string[] {
  return message.headers.filter((header) => isNamed(header, name)).map(({ value }) => value);
}

export function withoutHeaders<M extends SipMessage>(message: M, ...names: readonly string[]): M {
  const gone = new Set(names.map((name) => name.toLowerCase()));
  return {
    ...message,
    headers: message.headers.filter(({ name }) => !gone.has(name.toLowerCase())),
  };
}

export function withHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  const rest = withoutHeaders(message, name);
  return { ...rest, headers: [...rest.headers, { name, value }] };
}

/** Puts a header above all others of its name, as Via, Route and Record-Route grow. */
export function withTopHeader<M extends SipMessage>(message: M, name: string, value: string): M {
  return { ...message, headers: [{ name, value }, ...message.headers] };
}

export function withoutTopHeader<M extends SipMessage>(message: M, name: string): M {
  const index = message.headers.findIndex((header) => isNamed(header, name));
  return { ...message, headers: message.headers.filter((_, at) => at !== index) };
}

/** Changes the value of the top header of that name where it stands. */
export function withChangedTop<M extends SipMessage>(message: M, name: string, value: string): M {
  const index = message.headers.findIndex((header) => isNamed(header, name));
  const headers = message.headers.map((header, at) => (at === index ? { name, value } : header));
  return { ...message, headers };
}

export function withBody<M extends SipMessage>(message: M, contentType: string, text: string): M {
  return { ...withHeader(message, 'Content-Type', contentType), body: Buffer.from(text) };
}

export function bodyText(message: SipMessage): string {
  return Buffer.from(message.body).toString('utf8');
}
