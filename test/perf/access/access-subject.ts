/** Who takes browsers' offers: its access side is set up, no call follows. */
export interface AccessSubject {
  readonly name: string;
  readonly pid: number;
  answer(call: number, offer: string): Promise<string>;
  release(call: number): Promise<void>;
  stop(): Promise<void>;
}
