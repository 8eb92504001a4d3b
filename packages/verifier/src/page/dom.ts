/*
 * The few pieces of a browser that the page uses. The whole DOM library of TypeScript would make browser globals
 * appear valid in every other file of the repository.
 */

export interface PageFile {
  readonly name: string;
  readonly size: number;
  text(): Promise<string>;
}

export interface PageEvent {
  readonly dataTransfer?: { readonly files: ArrayLike<PageFile> } | null;
  preventDefault(): void;
}

export interface PageElement {
  textContent: string | null;
  className: string;
  hidden: boolean;
  readonly files?: ArrayLike<PageFile> | null;
  readonly dataset: Record<string, string | undefined>;
  append(...children: readonly (PageElement | string)[]): void;
  replaceChildren(...children: readonly (PageElement | string)[]): void;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
}

export interface PageDocument {
  getElementById(id: string): PageElement | null;
  createElement(name: string): PageElement;
  readonly body: PageElement;
}
