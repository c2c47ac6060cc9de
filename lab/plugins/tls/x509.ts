/** The certificate library, after the polyfill that its containers ask for. */
import "reflect-metadata";
export * from "@peculiar/x509";
