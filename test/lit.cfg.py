# Configures lit: the one place of the project that is Python, because lit is.
import glob
import os
import shutil
import subprocess

import lit.formats

config.name = "Sevenfold"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["unit", "fuzz", "rules", "models", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.sevenfold_binary_dir, "test")

# The tests' own home: no test reads or writes the user's database or schemes.
home = os.path.join(config.test_exec_root, "home")
os.makedirs(home, exist_ok=True)
config.environment["HOME"] = home
config.environment["XDG_DATA_HOME"] = os.path.join(home, "data")
path = [
    os.path.join(config.sevenfold_binary_dir, "bin"),
    config.llvm_tools_dir,
    config.environment["PATH"],
]
config.environment["PATH"] = os.path.pathsep.join(path)

config.substitutions.append(
    ("%plugin", os.path.join(config.sevenfold_binary_dir, "lib",
                             "SevenfoldPlugin.so")))
config.substitutions.append(("%cc", config.c_compiler))
# Any program runs on the fake GPU; without ptxas in the path, libraries carry
# PTX, which the fake interprets.
config.substitutions.append(
    ("%fake_gpu",
     "env LD_LIBRARY_PATH=" +
     os.path.join(config.sevenfold_binary_dir, "test", "fake-gpu") + " PATH=" +
     os.path.pathsep.join([path[0], "/usr/bin", "/bin"])))
config.substitutions.append(
    ("%mlir_library", glob.glob(os.path.join(config.sevenfold_binary_dir, "lib",
                                             "libMLIR.so*"))[0]))
config.substitutions.append(
    ("%mlir_runner_utils",
     os.path.join(os.path.dirname(config.llvm_tools_dir), "lib",
                  "libmlir_c_runner_utils.so")))


def has_library(*names):
    """Whether the dynamic linker's cache holds one of the names."""
    try:
        cache = subprocess.run(["/sbin/ldconfig", "-p"], text=True,
                               capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    return any(name + " " in cache for name in names)


if config.sevenfold_search.upper() in ("ON", "TRUE", "1"):
    config.available_features.add("search")
if config.sevenfold_learning.upper() in ("ON", "TRUE", "1"):
    config.available_features.add("learning")
if has_library("libopenblas.so.0"):
    config.available_features.add("openblas")
if has_library("libdnnl.so.3", "libdnnl.so.2"):
    config.available_features.add("onednn")
if (has_library("libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so")
        or os.path.isdir("/opt/intel")):
    config.available_features.add("mkl")
if has_library("libblis-mt.so.5", "libblis-mt.so.4", "libblis.so.5",
               "libblis.so.4"):
    config.available_features.add("blis")
# Everything that multiplies here, our own kernels included.
config.substitutions.append(
    ("%providers", " ".join(["codegen"] + [
        name for name in ("openblas", "onednn", "blis", "mkl")
        if name in config.available_features])))
config.substitutions.append(
    ("%torch_operators", os.path.join(config.sevenfold_binary_dir, "lib",
                                      "libsevenfold-torch.so")))
# The reference BLAS, and the programs that test one (Debian: libblas-test).
testers = os.path.join("/usr/lib/x86_64-linux-gnu", "blas")
if os.path.exists(os.path.join(testers, "xblat3d")):
    config.available_features.add("blas-testers")
    config.substitutions.append(("%blas_testers", testers))
if subprocess.run(["/usr/bin/python3", "-c", "import numpy"],
                  capture_output=True).returncode == 0:
    config.available_features.add("numpy")
if shutil.which("octave"):
    config.available_features.add("octave")
# What benchmarks/vendors.sh fetched.
vendors = os.path.join(config.sevenfold_source_dir, "build", "vendors", "lib")
if os.path.isdir(vendors):
    config.available_features.add("vendors")
    config.substitutions.append(("%vendors", vendors))
config.substitutions.append(
    ("%fake_blas", os.path.join(config.sevenfold_binary_dir, "test",
                                "fake-blas")))
try:
    if subprocess.run(["unshare", "-rm", "true"],
                      capture_output=True).returncode == 0:
        config.available_features.add("mount-namespaces")
except OSError:
    pass
if shutil.which("ptxas"):
    config.available_features.add("ptxas")
if os.path.exists("/dev/nvidia0") and has_library("libcuda.so.1"):
    config.available_features.add("cuda-device")
# PJRT plugins, where tools/fetch-pjrt-plugins.sh puts them.
for name in ["cpu", "cpu-0.81", "tpu"]:
    if os.path.exists(os.path.join(config.sevenfold_binary_dir, "lib", "pjrt",
                                   name + ".so")):
        config.available_features.add("pjrt-" + name)
schemes = os.path.join(config.sevenfold_source_dir, "..", "shared", "schemes")
if os.path.isdir(schemes):
    config.available_features.add("reference-schemes")
    config.substitutions.append(("%reference_schemes", schemes))
