import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  globalIgnores(["node_modules", "dist", ".build.*", ".lab", "examples/reuse"]),
  { linterOptions: { noInlineConfig: true } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.mjs"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/ban-ts-comment": [
        "error",
        { "ts-expect-error": true, minimumDescriptionLength: 0 },
      ],
      eqeqeq: "error",
      "max-lines": ["error", { max: 300, skipBlankLines: true }],
      // A number or a boolean in a text reads as one expects.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": "off",
      // "async" without "await" makes of a throw what an interface promises: a rejection.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["components/**", "index.ts"],
    rules: {
      // One place reads the environment: the program of a stack gets all it needs from its config.
      "no-console": "error",
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "index.ts and lab/ only" },
      ],
    },
  },
  {
    // The engine's values are of every kind there, and all that is printed of them is checked to be text.
    files: ["lab/plugins/**", "test/plugins/**"],
    rules: {
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
    },
  },
  {
    files: ["test/**"],
    // A missing element fails the test, which is what it is for.
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
