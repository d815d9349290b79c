/** Answers hold tokens and resume keys: what is kept of them for a repetition is encrypted. */
export interface AnswerCipher {
  encrypt(answer: string, subject: string): string;
  /** Undefined when it was encrypted under another key or for another subject. */
  decrypt(encrypted: string, subject: string): string | undefined;
}
