/** The files of a bundle while it is written: each is hashed as it is, and named once. Paths have forward slashes. */
export interface BundleFiles {
  /** A whole file. @throws TypeError where it was written before */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** A file that is written bit by bit. It MUST be closed. */
  open(path: string): Promise<BundleFile>;
}

export interface BundleFile {
  write(content: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
}
