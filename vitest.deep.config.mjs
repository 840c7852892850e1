import { workspaceConfig } from "./scripts/lib/workspace-tests.mjs";

export default workspaceConfig("deep");
