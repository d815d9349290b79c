/** What the platform is asked so that it stops another task than this one. */
export interface TaskProtection {
  /** Holds for so many minutes from now; a later call begins them anew. */
  hold(minutes: number): Promise<void>;
  release(): Promise<void>;
}
