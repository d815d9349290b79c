/** One way to a peer: a TCP connection, or the pair of addresses of a UDP peer (RFC 5626 §2). */
export interface Flow {
  readonly id: string;
  readonly transport: 'TCP' | 'UDP';
  readonly isReliable: boolean;
  readonly remote: { readonly host: string; readonly port: number };
  isOpen(): boolean;
  send(bytes: Uint8Array): void;
}
