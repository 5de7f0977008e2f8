"""The marker variables that each operating system determines, with their values."""

LINUX = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
MACOS = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"}
ANDROID = {"os_name": "posix", "sys_platform": "android", "platform_system": "Android"}
IOS = {"os_name": "posix", "sys_platform": "ios", "platform_system": "iOS"}
EMSCRIPTEN = {"os_name": "posix", "sys_platform": "emscripten", "platform_system": "Emscripten"}
WINDOWS = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"}
